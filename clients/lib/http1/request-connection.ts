import type { Address, Options } from "../../../scenarios/contract.ts";
import { arrivalUs, nowMs } from "../../../scenarios/lib/clock.ts";
import type { ResponseReader, ParserState, Response } from "./response-state.ts";
import { parseEnd, parseNext } from "./response-parser.ts";
import { createTimer, timers, type Timer } from "../net/timer-heap.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "../net/connection.ts";

const nothing: Buffer = Buffer.alloc(0);

/** Who hears what still comes on a connection that was hung up on. */
const nobody: SocketHandlers = { data: () => undefined, closed: () => undefined };

/** How long before the server closes an idle connection it is used no more: as in undici, so that no request meets its end. */
const marginMs = 2_000;

/*
 * Times are kept in whole milliseconds since this process began: an object holds a small whole number itself, any other is one object more
 * to be fetched.
 */
const beganMs = nowMs();
const never = 2 ** 30;

function elapsedMs(): number {
  return Math.trunc(arrivalUs() / 1000 - beganMs);
}

/** A batch's bytes, at worst: six for one of a payload (`\u0000`), and three for the quotes and the comma of an empty one. */
function mostBodyBytes({ queueBytes }: Options): number {
  return 6 * queueBytes + 2;
}

/** A response's body as a string. */
export function asciiText({ from, start, end }: Response): string {
  return from.view(start, end).toString();
}

/** That another status was due. */
export function unexpectedStatus(response: Response, status: number): Error {
  return new Error(`the polling server answered ${response.status} where ${status} was due: ${asciiText(response)}`);
}

/**
 * A connection on which requests are made one after another. It is opened for the first and, where it was closed meanwhile, again. Whoever
 * makes them extends it: an object of its own would be one more to be fetched for each (see wire.ts). What comes of a request is a call of
 * just one of `onAnswer`, `onCut` and `onRefusal`. None may throw; each may make the next request.
 */
export abstract class RequestConnection implements SocketHandlers, ResponseReader {
  protected readonly address: Address;
  protected readonly options: Options;
  private readonly timeoutMs: number;
  private readonly maxBodyBytes: number;
  private readonly expiry: Timer = createTimer(() => this.expire());
  private connection: RawConnection | undefined;
  /** The response of which a part is there. */
  private reading: ParserState | undefined;
  /** What is written when the connection is open. */
  private unsent: { head: Buffer; body: Buffer } | undefined;
  private waiting = false;
  private destroyed = false;
  private deadlineMs = 0;
  private ringsMs = never;
  private staleMs = 0;

  /** A response may take `patienceMs` to begin, and its body may pause for `handshakeMs`. */
  constructor(address: Address, options: Options, timeoutMs: number) {
    this.address = address;
    this.options = options;
    this.timeoutMs = timeoutMs;
    this.maxBodyBytes = mostBodyBytes(options);
  }

  /** The response is good during the call only. */
  protected abstract onAnswer(response: Response): void;
  /** The connection could not be opened, broke or was closed, or the response did not come in time. */
  protected abstract onCut(error: Error): void;
  /** What came is no response. It may also come where no request was made. */
  protected abstract onRefusal(error: Error): void;

  /** Closes the connection. Nothing is called any more. */
  destroy(): void {
    this.destroyed = true;
    this.waiting = false;
    timers.clear(this.expiry);
    this.hangUp();
  }

  data(from: BufferView, start: number, end: number): void {
    const { reading } = this;
    const partly = parseNext(reading, this, this.waiting ? this.maxBodyBytes : -1, from, start, end);
    if (partly !== reading) this.reading = partly;
    if (partly?.begun) this.allow(this.options.handshakeMs);
  }

  /** The connection has ended; nobody is told of one that was hung up on. */
  closed(error?: Error): void {
    const { reading } = this;
    if (!error && reading) parseEnd(reading);
    if (this.reading !== reading) return; // the end was that of an answer, and the next request may have been made
    this.hangUp();
    if (this.waiting) this.cutOff(error ?? new Error("the server closed the connection before it had answered"));
  }

  answered(response: Response): void {
    this.waiting = false;
    this.staleMs = elapsedMs() + (response.keptS < 0 ? this.options.idleMs : 1000 * response.keptS - marginMs);
    if (!response.keeps) this.hangUp();
    this.onAnswer(response);
  }

  refused(error: Error): void {
    this.hangUp();
    this.waiting = false;
    this.onRefusal(error);
  }

  /** Makes a request, which must not change until it is answered. The last one must have been answered. */
  protected request(head: Buffer, body = nothing): void {
    if (this.requestNow(head, body)) return;
    this.unsent = { head, body };
    this.waiting = true;
    this.allow(this.options.handshakeMs + this.timeoutMs); // opening has a time-out of its own
    void this.open();
  }

  /** Makes it at once, so that its body may change afterwards; false, and nothing is done, where a connection has to be opened for it. */
  protected requestNow(head: Buffer, body = nothing): boolean {
    if (this.connection && (!this.connection.isOpen() || elapsedMs() >= this.staleMs)) this.hangUp();
    if (!this.connection) return false;
    this.waiting = true;
    this.write(this.connection, head, body);
    return true;
  }

  private allow(ms: number): void {
    this.deadlineMs = elapsedMs() + ms;
    if (this.ringsMs > this.deadlineMs) this.scheduleTimer();
  }

  private scheduleTimer(): void {
    this.ringsMs = this.deadlineMs;
    timers.set(this.expiry, beganMs + this.deadlineMs);
  }

  /** The alarm is set for the first of many deadlines, and looks for the last when it rings. */
  private expire(): void {
    this.ringsMs = never;
    if (!this.waiting) return;
    if (elapsedMs() < this.deadlineMs) return this.scheduleTimer();
    const ms = this.reading?.begun ? this.options.handshakeMs : this.timeoutMs;
    this.cutOff(new Error(`the server has not answered in ${ms} ms`));
  }

  private hangUp(): void {
    const { connection } = this;
    this.connection = this.reading = undefined;
    if (!connection) return;
    connection.handTo(nobody);
    connection.destroy();
  }

  private cutOff(error: Error): void {
    this.hangUp();
    this.waiting = false;
    this.onCut(error);
  }

  private async open(): Promise<void> {
    try {
      const connection = await openConnection(this.address, this.options.handshakeMs, this, { alpn: "http/1.1" });
      if (this.destroyed) {
        connection.handTo(nobody);
        return connection.destroy();
      }
      this.connection = connection;
      const { head, body } = this.unsent!;
      this.unsent = undefined;
      this.write(connection, head, body);
    } catch (error) {
      if (!this.destroyed) this.cutOff(error as Error);
    }
  }

  private write(connection: RawConnection, head: Buffer, body: Buffer): void {
    this.allow(this.timeoutMs);
    if (body.length === 0) return connection.write(head);
    const { bytes, at } = connection.reserve(head.length + body.length);
    bytes.set(head, at);
    bytes.set(body, at + head.length);
  }
}
