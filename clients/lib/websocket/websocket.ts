import type { Address, Options } from "../../../scenarios/contract.ts";
import { beginFrame, frameHeaderBytes, FrameReader, maskPayload, opcodes } from "./frames.ts";
import type { WriteSpace } from "../net/write-batch.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { checkUpgrade, freshKey, headReader, upgradeRequest } from "./handshake.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "../net/connection.ts";

/** Which of the options a WebSocket heeds. */
type Limits = Pick<Options, "handshakeMs" | "maxPayloadBytes">;

/** The payload of a close frame with that code, or none, and no reason. */
function goodbyeOf(code?: number): Buffer {
  return Buffer.from(code === undefined ? [] : [code >> 8, code & 255]);
}

/**
 * Opens a WebSocket without extensions (RFC 6455). `begin` is called once, when it is open and before anything comes, and what it makes is
 * resolved with. Rejects where the handshake is not answered as it has to be, within `handshakeMs`.
 */
export async function openWebSocket<C extends WebSocketEndpoint>(
  address: Address,
  target: string,
  handshakeMs: number,
  begin: (connection: RawConnection) => C,
): Promise<C> {
  const handshake: SocketHandlers = { data: () => undefined, closed: () => undefined };
  const wire = await openConnection(address, handshakeMs, handshake);
  const key = freshKey();
  const read = headReader();

  function answered(from: BufferView, start: number, end: number): number | undefined {
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
      wire.setExpiry(Infinity, "");
      const conversation = begin(wire);
      wire.handTo(conversation);
      resolve(conversation);
      conversation.data(from, framesAt, end);
    };
    wire.setExpiry(handshakeMs, `the handshake was not answered in ${handshakeMs} ms`);
    ask(wire, upgradeRequest(target, address, key));
  });
}

function ask(connection: RawConnection, request: string): void {
  const { bytes, at } = connection.reserve(request.length);
  bytes.write(request, at, "latin1");
}

/**
 * The client's end of an open WebSocket: who inherits says what becomes of a message, and of the end. A ping is answered with its own payload,
 * a goodbye with the same, and what the RFC forbids with the code that it names.
 */
export abstract class WebSocketEndpoint extends FrameReader implements SocketHandlers {
  private readonly connection: RawConnection;
  private readonly handshakeMs: number;
  private open = true;
  private answered = false;
  private failure: Error | undefined;

  constructor(connection: RawConnection, { handshakeMs, maxPayloadBytes }: Limits) {
    super(maxPayloadBytes);
    this.connection = connection;
    this.handshakeMs = handshakeMs;
  }

  /** Called once: with an error unless both sides have said goodbye as RFC 6455 says. May not throw, as `message` may not. */
  protected abstract ended(error?: Error): void;

  closed(error?: Error): void {
    this.ended(this.failure ?? (this.answered ? undefined : broken(error)));
  }

  protected isOpen(): boolean {
    return this.open && this.connection.isOpen();
  }

  /** Begins a frame whose payload has so many bytes: these go where the answer says, and are masked by `maskPayload` when they are there. */
  protected begin(opcode: number, payloadBytes: number): WriteSpace {
    const space = this.connection.reserve(frameHeaderBytes(payloadBytes) + payloadBytes);
    beginFrame(space, opcode, payloadBytes);
    return space;
  }

  protected sendFrame(opcode: number, payload: Buffer): void {
    const space = this.begin(opcode, payload.length);
    payload.copy(space.bytes, space.at);
    maskPayload(space, payload.length);
  }

  /** Says goodbye after what was sent before, with a code or none, and waits for the answer for at most `handshakeMs`. */
  protected leave(code?: number): void {
    this.goodbye(goodbyeOf(code));
  }

  /** Says goodbye because of an error, which `ended` is told, with a code or none, and reads no more. */
  protected fail(error: Error, code?: number): void {
    this.failure ??= error;
    this.readNoMore();
    this.end(goodbyeOf(code));
  }

  protected ping(payload: Buffer): void {
    if (this.open) this.sendFrame(opcodes.pong, payload);
  }

  protected closing(payload: Buffer): void {
    this.answered = true;
    this.end(payload);
  }

  protected refuse(code: number, error: Error): void {
    this.fail(error, code);
  }

  private goodbye(payload: Buffer): void {
    if (!this.open) return;
    this.open = false;
    if (this.connection.isOpen()) this.sendFrame(opcodes.close, payload);
    this.connection.setExpiry(this.handshakeMs, `the goodbye was not answered in ${this.handshakeMs} ms`);
  }

  private end(payload: Buffer): void {
    this.goodbye(payload);
    this.connection.end();
  }
}

function broken(error: Error | undefined): Error {
  return new Error(`the WebSocket broke without a close frame${error ? `: ${error.message}` : ""}`);
}
