import type { Address, Options } from "../../../scenarios/contract.ts";
import { beginFrame, frameHeaderBytes, FrameReader, maskPayload, opcodes } from "./frames.ts";
import type { WriteSpace } from "../net/write-batch.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { closingError } from "./closing-error.ts";
import { checkUpgrade, randomKey, headReader, upgradeRequest } from "./handshake.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "../net/connection.ts";

type WebSocketLimits = Pick<Options, "handshakeMs" | "maxPayloadBytes">;

/** The payload of a close frame with this code and no reason; empty without a code. */
function closePayload(code?: number): Buffer {
  return Buffer.from(code === undefined ? [] : [code >> 8, code & 255]);
}

/**
 * Opens a WebSocket without extensions (RFC 6455). `create` is called once, after the handshake and before the first
 * frame is read; its result is returned. Rejects where the server does not accept the handshake within `handshakeMs`.
 */
export async function openWebSocket<Endpoint extends WebSocketEndpoint>(
  address: Address,
  target: string,
  handshakeMs: number,
  create: (connection: RawConnection) => Endpoint,
): Promise<Endpoint> {
  const handshake: SocketHandlers = { data: () => undefined, closed: () => undefined };
  const connection = await openConnection(address, handshakeMs, handshake);
  const key = randomKey();
  const readHead = headReader();

  /** Returns where the frames begin; undefined before the end of the response's head, or after an error. */
  function readResponse(from: BufferView, start: number, end: number): number | undefined {
    try {
      const response = readHead(from.view(start, end));
      if (response) checkUpgrade(response.head, key, address.subprotocol);
      return response && start + response.usedBytes;
    } catch (error) {
      connection.destroy(error as Error);
      return undefined;
    }
  }

  return new Promise((resolve, reject) => {
    handshake.closed = (error) => reject(error ?? new Error("the server closed the connection during the handshake"));
    handshake.data = (from, start, end) => {
      const framesAt = readResponse(from, start, end);
      if (framesAt === undefined) return;
      connection.setExpiry(Infinity, "");
      const endpoint = create(connection);
      connection.setHandlers(endpoint);
      resolve(endpoint);
      endpoint.data(from, framesAt, end);
    };
    connection.setExpiry(handshakeMs, `no response to the handshake within ${handshakeMs} ms`);
    writeText(connection, upgradeRequest(target, address, key));
  });
}

function writeText(connection: RawConnection, text: string): void {
  const { bytes, at } = connection.reserve(text.length);
  bytes.write(text, at, "latin1");
}

/**
 * The client's end of an open WebSocket. A subclass handles the messages and the end. A ping is answered with its own
 * payload, a close frame with the same close frame, and a violation of RFC 6455 with a close frame that has the code
 * the RFC names.
 */
export abstract class WebSocketEndpoint extends FrameReader implements SocketHandlers {
  private readonly connection: RawConnection;
  private readonly handshakeMs: number;
  private open = true;
  private closeReceived = false;
  private failure: Error | undefined;

  constructor(connection: RawConnection, { handshakeMs, maxPayloadBytes }: WebSocketLimits) {
    super(maxPayloadBytes);
    this.connection = connection;
    this.handshakeMs = handshakeMs;
  }

  /**
   * Called once, with an error unless both sides sent a close frame (RFC 6455, section 7). A server that closes with
   * another code than 1000 says why: this is an error, too. `ended` and `message` must not throw.
   */
  protected abstract ended(error?: Error): void;

  closed(error?: Error): void {
    this.ended(this.failure ?? (this.closeReceived ? undefined : brokenError(error)));
  }

  protected isOpen(): boolean {
    return this.open && this.connection.isOpen();
  }

  /** Begins a frame. The caller writes the payload at `at` of the result and then calls `maskPayload`. */
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

  /**
   * Sends a close frame after everything sent before, and waits for the server's close frame for at most `handshakeMs`.
   */
  protected startClose(code?: number): void {
    this.sendClose(closePayload(code));
  }

  /** Closes because of an error, which `ended` receives, and reads nothing more. */
  protected fail(error: Error, code?: number): void {
    this.failure ??= error;
    this.stopReading();
    this.end(closePayload(code));
  }

  protected ping(payload: Buffer): void {
    if (this.open) this.sendFrame(opcodes.pong, payload);
  }

  protected closeFrame(payload: Buffer): void {
    this.closeReceived = true;
    if (this.open)
      this.failure ??= closingError(payload.length === 0 ? 1005 : payload.readUInt16BE(0), payload.subarray(2));
    this.end(payload);
  }

  protected refuse(code: number, error: Error): void {
    this.fail(error, code);
  }

  private sendClose(payload: Buffer): void {
    if (!this.open) return;
    this.open = false;
    if (this.connection.isOpen()) this.sendFrame(opcodes.close, payload);
    this.connection.setExpiry(this.handshakeMs, `the server did not close within ${this.handshakeMs} ms`);
  }

  private end(payload: Buffer): void {
    this.sendClose(payload);
    this.connection.end();
  }
}

function brokenError(error: Error | undefined): Error {
  return new Error(`the WebSocket broke without a close frame${error ? `: ${error.message}` : ""}`);
}
