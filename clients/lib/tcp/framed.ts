import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { Frame } from "../../../scenarios/lib/dialect.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { openConnection, type RawConnection, type SocketHandlers } from "../net/connection.ts";
import { UnitReader } from "../net/unit-reader.ts";

/** How messages are cut out of a stream. */
interface Framing {
  /** As `unitSizeAt` of a reader of units. */
  sizeAt(bytes: Buffer, at: number, availableBytes: number): number;
  /** Most bytes of a message. */
  longest: number;
  /** Bytes before and after the content of a message. */
  headBytes: number;
  tailBytes: number;
  /** Writes what stands around a message of this length. */
  enclose(bytes: Buffer, at: number, length: number): void;
}

/** Raw TCP with the frames of another server. With `greeting` the first bytes of the server are no message. */
export async function connectFramedTcp(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  frame: Frame,
  greeting: boolean,
): Promise<Connection> {
  const connection = new FramedConnection(handler, options, framingOf(frame), greeting);
  connection.raw = await openConnection(address, options.handshakeMs, connection);
  connection.raw.keepAlive(options.heartbeatMs);
  if (greeting) await connection.greetedWithin(options.handshakeMs);
  return connection;
}

function framingOf(frame: Frame): Framing {
  if ("bytes" in frame)
    return { sizeAt: () => frame.bytes, longest: Infinity, headBytes: 0, tailBytes: 0, enclose: () => undefined };
  if ("lengthPrefix" in frame) {
    const { lengthPrefix: width } = frame;
    return {
      sizeAt: (bytes, at, available) => (available < width ? width : width + bytes.readUIntBE(at, width)),
      longest: 256 ** width - 1,
      headBytes: width,
      tailBytes: 0,
      enclose: (bytes, at, length) => void bytes.writeUIntBE(length, at, width),
    };
  }
  const end = Buffer.from(frame.end);
  return {
    sizeAt(bytes, at, available) {
      const found = bytes.indexOf(end, at);
      return found < 0 || found + end.length > at + available ? available + 1 : found + end.length - at;
    },
    longest: Infinity,
    headBytes: 0,
    tailBytes: end.length,
    enclose: (bytes, at, length) => void end.copy(bytes, at + length),
  };
}

class FramedConnection extends UnitReader implements Connection, SocketHandlers {
  raw!: RawConnection;
  private readonly greeted: Promise<void>;
  private readonly handler: ConnectionHandler;
  private readonly options: Options;
  private readonly framing: Framing;
  private greetingExpected: boolean;
  private resolveGreeted!: () => void;
  private rejectGreeted!: (error: Error) => void;

  constructor(handler: ConnectionHandler, options: Options, framing: Framing, greeting: boolean) {
    super();
    this.handler = handler;
    this.options = options;
    this.framing = framing;
    this.greetingExpected = greeting;
    this.greeted = new Promise((resolve, reject) => {
      this.resolveGreeted = resolve;
      this.rejectGreeted = reject;
    });
    this.greeted.catch(() => undefined);
  }

  /** Resolves with the server's greeting. */
  async greetedWithin(ms: number): Promise<void> {
    this.raw.setExpiry(ms, `the server has not greeted within ${ms} ms`);
    await this.greeted;
    this.raw.setExpiry(Infinity, "");
  }

  override data(from: BufferView, start: number, end: number): void {
    if (!this.greetingExpected) return super.data(from, start, end);
    this.greetingExpected = false;
    this.resolveGreeted();
  }

  send(payload: Buffer): void {
    if (!this.raw.isOpen()) return;
    const { longest } = this.framing;
    if (payload.length > longest)
      return this.raw.destroy(
        new RangeError(`a message of ${payload.length} bytes does not fit a frame of at most ${longest}`),
      );
    const { headBytes, tailBytes, enclose } = this.framing;
    const { bytes, at } = this.raw.reserve(headBytes + payload.length + tailBytes);
    payload.copy(bytes, at + headBytes);
    enclose(bytes, at, payload.length);
  }

  close(): void {
    const { handshakeMs } = this.options;
    this.raw.end();
    this.raw.setExpiry(handshakeMs, `the server did not close within ${handshakeMs} ms`);
  }

  closed(error?: Error): void {
    if (this.greetingExpected)
      this.rejectGreeted(error ?? new Error("the server closed the connection and never greeted"));
    else
      this.handler.closed(
        error ?? (this.endsWithinUnit() ? new Error("the stream ended within a message") : undefined),
      );
  }

  protected unitSizeAt(bytes: Buffer, at: number, availableBytes: number): number {
    const size = this.framing.sizeAt(bytes, at, availableBytes);
    const longest = this.options.maxPayloadBytes + this.framing.headBytes + this.framing.tailBytes;
    if (size <= longest) return size;
    this.raw.destroy(new RangeError(`a message has ${size} bytes or more, at most ${longest} are accepted`));
    return Infinity;
  }

  protected readUnit(from: BufferView, start: number, end: number): boolean {
    this.handler.receive(from.view(start + this.framing.headBytes, end - this.framing.tailBytes), true);
    return true;
  }
}
