import type { Address, Options } from "../../scenarios/contract.ts";
import { beginFrame, frameHeaderBytes, FrameReader, maskPayload, opcodes } from "./frames.ts";
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
 * Opens a WebSocket without extensions (RFC 6455); `listen` is called once, when it is open and before anything comes, and what it answers
 * is resolved with. Rejects where the handshake is not answered as it has to be, within `handshakeMs`.
 * A ping is answered with its own payload, a goodbye with the same, and what the RFC forbids with the code that it names.
 */
export async function openWebSocket<R extends Receiver>(
  address: Address,
  target: string,
  options: Limits,
  listen: (socket: WebSocketWire) => R,
): Promise<R> {
  const handshake: Handlers = { data: () => undefined, closed: () => undefined };
  const wire = await openWire(address, options.handshakeMs, handshake);
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
    handshake.closed = (error) => reject(error ?? new Error("the server closed the connection within the handshake"));
    handshake.data = (from, start, end) => {
      const framesAt = answered(from, start, end);
      if (framesAt === undefined) return;
      wire.expireIn(Infinity, "");
      const conversation = new Conversation(wire, options);
      const receiver = listen(conversation);
      conversation.receiver = receiver;
      wire.handlers = conversation;
      resolve(receiver);
      conversation.data(from, framesAt, end);
    };
    wire.expireIn(options.handshakeMs, `the handshake was not answered in ${options.handshakeMs} ms`);
    say(wire, upgradeRequest(target, address, key));
  });
}

function say(wire: Wire, request: string): void {
  const { bytes, at } = wire.reserve(request.length);
  bytes.write(request, at, "latin1");
}

/** An open WebSocket: what becomes of bytes, and what can be sent. */
class Conversation extends FrameReader implements WebSocketWire, Handlers {
  receiver!: Receiver;
  private readonly wire: Wire;
  private readonly handshakeMs: number;
  private open = true;
  private answered = false;
  private failure: Error | undefined;

  constructor(wire: Wire, { handshakeMs, maxPayloadBytes }: Limits) {
    super(maxPayloadBytes);
    this.wire = wire;
    this.handshakeMs = handshakeMs;
  }

  isOpen(): boolean {
    return this.open && this.wire.isOpen();
  }

  begin(opcode: number, payloadBytes: number): Space {
    const space = this.wire.reserve(frameHeaderBytes(payloadBytes) + payloadBytes);
    beginFrame(space, opcode, payloadBytes);
    return space;
  }

  finish(space: Space, payloadBytes: number): void {
    maskPayload(space, payloadBytes);
  }

  close(code?: number): void {
    this.goodbye(goodbyeOf(code));
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.end(goodbyeOf());
  }

  closed(error?: Error): void {
    this.receiver.closed(this.failure ?? (this.answered ? undefined : broken(error)));
  }

  protected message(from: Viewed, start: number, end: number, text: boolean): void {
    if (!this.failure) this.receiver.message(from, start, end, text);
  }

  protected ping(payload: Buffer): void {
    if (this.open) this.send(opcodes.pong, payload);
  }

  protected closing(payload: Buffer): void {
    this.answered = true;
    this.end(payload);
  }

  protected refuse(code: number, error: Error): void {
    this.failure ??= error;
    this.end(goodbyeOf(code));
  }

  private send(opcode: number, payload: Buffer): void {
    const space = this.begin(opcode, payload.length);
    payload.copy(space.bytes, space.at);
    maskPayload(space, payload.length);
  }

  private goodbye(payload: Buffer): void {
    if (!this.open) return;
    this.open = false;
    if (this.wire.isOpen()) this.send(opcodes.close, payload);
    this.wire.expireIn(this.handshakeMs, `the goodbye was not answered in ${this.handshakeMs} ms`);
  }

  private end(payload: Buffer): void {
    this.goodbye(payload);
    this.wire.end();
  }
}

function broken(error: Error | undefined): Error {
  return new Error(`the WebSocket broke without a close frame${error ? `: ${error.message}` : ""}`);
}
