import type { Address, Options } from "../../scenarios/contract.ts";
import { beginFrame, frameHeaderBytes, frameUnits, maskPayload, opcodes } from "./frames.ts";
import type { Space } from "./outbox.ts";
import type { Viewed } from "./viewed.ts";
import { checkUpgrade, freshKey, headReader, upgradeRequest } from "./upgrade.ts";
import { openWire, type Handlers, type Wire } from "./wire.ts";

/** Told of what comes on a WebSocket and of its end; neither may throw. */
export interface Receiver {
  /** A message: the bytes of `from` from `start` to before `end`, during the call only. */
  message(from: Viewed, start: number, end: number, text: boolean): void;
  /** Called once, after the handshake: with an error unless both sides have said goodbye as RFC 6455 says. */
  closed(error?: Error): void;
}

/** Which of the options a WebSocket heeds. */
type Limits = Pick<Options, "handshakeMs" | "maxPayloadBytes">;

/** The client's end of an open WebSocket. */
export interface WebSocketWire {
  isOpen(): boolean;
  /** Begins a frame whose payload has so many bytes: these go where the answer says, and `finish` is called when they are there. */
  begin(opcode: number, payloadBytes: number): Space;
  finish(space: Space, payloadBytes: number): void;
  /** Says goodbye after what was sent before, with a code or none, and waits for the answer for at most `handshakeMs`. */
  close(code?: number): void;
  /** Says goodbye because of an error, which `closed` is told, and reads no more. */
  fail(error: Error): void;
}

/** The payload of a close frame with that code, or none, and no reason. */
function goodbyeOf(code?: number): Buffer {
  return Buffer.from(code === undefined ? [] : [code >> 8, code & 255]);
}

/**
 * Opens a WebSocket without extensions (RFC 6455); `listen` is called once, when it is open and before anything comes. Rejects where the handshake is not answered as it has to be, within `handshakeMs`.
 * A ping is answered with its own payload, a goodbye with the same, and what the RFC forbids with the code that it names.
 */
export async function openWebSocket(
  address: Address,
  target: string,
  options: Limits,
  listen: (socket: WebSocketWire) => Receiver,
): Promise<WebSocketWire> {
  const handlers: Handlers = { data: () => undefined, closed: () => undefined };
  const wire = await openWire(address, options.handshakeMs, handlers);
  const key = freshKey();
  const read = headReader();

  function answered(from: Viewed, start: number, end: number): number | undefined {
    try {
      const answer = read(from.view(start, end));
      if (answer) checkUpgrade(answer.head, key);
      return answer && start + answer.usedBytes;
    } catch (error) {
      wire.destroy(error as Error);
      return undefined;
    }
  }

  return new Promise((resolve, reject) => {
    handlers.closed = (error) => reject(error ?? new Error("the server closed the connection within the handshake"));
    handlers.data = (from, start, end) => {
      const framesAt = answered(from, start, end);
      if (framesAt === undefined) return;
      wire.expireIn(Infinity, "");
      const { link, ...talk } = speak(wire, options, listen);
      Object.assign(handlers, talk);
      resolve(link);
      handlers.data(from, framesAt, end);
    };
    wire.expireIn(options.handshakeMs, `the handshake was not answered in ${options.handshakeMs} ms`);
    say(wire, upgradeRequest(target, address, key));
  });
}

function say(wire: Wire, request: string): void {
  const { bytes, at } = wire.reserve(request.length);
  bytes.write(request, at, "latin1");
}

/** The client's side of an open WebSocket: what becomes of bytes, and what can be sent. */
function speak(
  wire: Wire,
  { handshakeMs, maxPayloadBytes }: Limits,
  listen: (socket: WebSocketWire) => Receiver,
): Handlers & { link: WebSocketWire } {
  let open = true;
  let answered = false;
  let failure: Error | undefined;

  function begin(opcode: number, payloadBytes: number): Space {
    const space = wire.reserve(frameHeaderBytes(payloadBytes) + payloadBytes);
    beginFrame(space, opcode, payloadBytes);
    return space;
  }

  function send(opcode: number, payload: Buffer): void {
    const space = begin(opcode, payload.length);
    payload.copy(space.bytes, space.at);
    maskPayload(space, payload.length);
  }

  function goodbye(payload: Buffer): void {
    if (!open) return;
    open = false;
    if (wire.isOpen()) send(opcodes.close, payload);
    wire.expireIn(handshakeMs, `the goodbye was not answered in ${handshakeMs} ms`);
  }

  function end(payload: Buffer): void {
    goodbye(payload);
    wire.end();
  }

  const link: WebSocketWire = {
    isOpen: () => open && wire.isOpen(),
    begin,
    finish: maskPayload,
    close: (code) => goodbye(goodbyeOf(code)),
    fail(error) {
      failure ??= error;
      end(goodbyeOf());
    },
  };
  const receiver = listen(link);
  const { read } = frameUnits(maxPayloadBytes, {
    message(from, start, stop, text) {
      if (!failure) receiver.message(from, start, stop, text);
    },
    ping(payload) {
      if (open) send(opcodes.pong, payload);
    },
    closing(payload) {
      answered = true;
      end(payload);
    },
    refuse(code, error) {
      failure ??= error;
      end(goodbyeOf(code));
    },
  });
  const closed = (error?: Error): void => receiver.closed(failure ?? (answered ? undefined : broken(error)));
  return { data: read, closed, link };
}

function broken(error: Error | undefined): Error {
  return new Error(`the WebSocket broke without a close frame${error ? `: ${error.message}` : ""}`);
}
