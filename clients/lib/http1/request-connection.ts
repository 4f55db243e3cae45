import type { Address, Options, Role } from "../../../scenarios/contract.ts";
import { AnswerError } from "../../../scenarios/lib/answer-error.ts";
import { arrivalUs, nowMs } from "../../../scenarios/lib/clock.ts";
import type { ResponseHandler, ParserState, Response } from "./response-state.ts";
import { parseEnd, parseNext } from "./response-parser.ts";
import { createTimer, timers, type Timer } from "../net/timer-heap.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { openConnection, type SocketHandlers, type RawConnection } from "../net/connection.ts";

const noBytes: Buffer = Buffer.alloc(0);

/** Handlers of a connection that has been dropped. */
const ignoreAll: SocketHandlers = { data: () => undefined, closed: () => undefined };

/**
 * An idle connection is not used in the last milliseconds before the server closes it, as in undici: a request could
 * cross the close.
 */
const keepAliveMarginMs = 2_000;

/*
 * Times are whole milliseconds since the start of this process. V8 stores a small integer inside the object that has
 * it; any other number is an object of its own, and one more cache line.
 */
const processStartMs = nowMs();
const notSet = 2 ** 30;

function elapsedMs(): number {
  return Math.trunc(arrivalUs() / 1000 - processStartMs);
}

/**
 * Longest body of a batch. The server's queue counts four bytes for each message besides its payload. In JSON each of
 * these bytes takes at most six (`\u0000`), the quotes and the comma of a text three, and the brackets two in all.
 */
function maxBatchBytes({ queueBytes }: Options): number {
  return 6 * queueBytes + 2;
}

/** The body of a response as a string. */
export function bodyText({ from, start, end }: Response): string {
  return from.view(start, end).toString();
}

/** An error for a response that has another status than `expected`. */
export function unexpectedStatus(response: Response, expected: number): Error {
  const answer = `the server answered ${response.status} instead of ${expected}: ${bodyText(response)}`;
  return new AnswerError(response.status, answer);
}

/**
 * A keep-alive connection with one request at a time. It is opened for the first request, and again where it was closed
 * in between. A client extends this class instead of holding an instance: one object fewer per connection to load (see
 * net/connection.ts). Every request ends with exactly one call of `handleResponse`, `handleDisconnect` or
 * `handleMalformed`. These must not throw. Each may make the next request.
 */
export abstract class RequestConnection implements SocketHandlers, ResponseHandler {
  protected readonly address: Address;
  protected readonly options: Options;
  private readonly timeoutMs: number;
  private readonly maxBodyBytes: number;
  private readonly expiry: Timer = createTimer(() => this.expire());
  private connection: RawConnection | undefined;
  /** A response that has begun to arrive. */
  private partial: ParserState | undefined;
  /** The request to write when the connection is open. Still set in `handleDisconnect` where it could not be opened. */
  protected unsent: { head: Buffer; body: Buffer } | undefined;
  private waiting = false;
  private destroyed = false;
  private deadlineMs = 0;
  private timerMs = notSet;
  /** From this time on the idle connection is not used. */
  private staleMs = 0;

  /** A response may take `timeoutMs` to begin. Its body may pause for `handshakeMs`. */
  constructor(address: Address, options: Options, timeoutMs: number) {
    this.address = address;
    this.options = options;
    this.timeoutMs = timeoutMs;
    this.maxBodyBytes = maxBatchBytes(options);
  }

  /** The use of the connection. */
  protected abstract get role(): Exclude<Role, "duplex">;
  /** The response is valid during the call only. */
  protected abstract handleResponse(response: Response): void;
  /** The connection could not be opened, broke or was closed, or the response was late. */
  protected abstract handleDisconnect(error: Error): void;
  /** The server sent no valid response, or sent bytes without a request. */
  protected abstract handleMalformed(error: Error): void;

  /** Closes the connection. No function is called after that. */
  destroy(): void {
    this.destroyed = true;
    this.waiting = false;
    timers.clear(this.expiry);
    this.dropConnection();
  }

  data(from: BufferView, start: number, end: number): void {
    const { partial } = this;
    const rest = parseNext(partial, this, this.waiting ? this.maxBodyBytes : -1, from, start, end);
    if (rest !== partial) this.partial = rest;
    if (rest?.headComplete) this.setDeadline(this.options.handshakeMs);
  }

  /** Called when the server has closed the connection or it broke, but not after `dropConnection`. */
  closed(error?: Error): void {
    const { partial } = this;
    if (!error && partial) parseEnd(partial);
    if (this.partial !== partial) return; // the close ended the response, and the next request may be on its way
    this.dropConnection();
    if (this.waiting) this.failRequest(error ?? new Error("the server closed the connection before its response"));
  }

  onResponse(response: Response): void {
    const { reusable, keepAliveTimeoutS } = response;
    this.waiting = false;
    this.staleMs =
      elapsedMs() + (keepAliveTimeoutS < 0 ? this.options.idleMs : 1000 * keepAliveTimeoutS - keepAliveMarginMs);
    if (!reusable) this.dropConnection();
    this.handleResponse(response);
  }

  onMalformed(error: Error): void {
    this.dropConnection();
    this.waiting = false;
    this.handleMalformed(error);
  }

  /** Makes a request, after the last one has ended. The buffers must not change until this one has ended. */
  protected request(head: Buffer, body = noBytes): void {
    if (this.requestNow(head, body)) return;
    this.unsent = { head, body };
    this.waiting = true;
    this.setDeadline(this.options.handshakeMs + this.timeoutMs); // opening has a time-out of its own
    void this.open();
  }

  /**
   * Writes a request at once, so that the body may change after the call. Does nothing and returns false without an
   * open connection.
   */
  protected requestNow(head: Buffer, body = noBytes): boolean {
    if (this.connection && (!this.connection.isOpen() || elapsedMs() >= this.staleMs)) this.dropConnection();
    if (!this.connection) return false;
    this.waiting = true;
    this.write(this.connection, head, body);
    return true;
  }

  /** Whole milliseconds from the last request to its response, during `handleResponse`, where that has no body. */
  protected waitedMs(): number {
    return elapsedMs() - (this.deadlineMs - this.timeoutMs);
  }

  private setDeadline(ms: number): void {
    this.deadlineMs = elapsedMs() + ms;
    if (this.timerMs > this.deadlineMs) this.setTimer();
  }

  private setTimer(): void {
    this.timerMs = this.deadlineMs;
    timers.set(this.expiry, processStartMs + this.deadlineMs);
  }

  /**
   * The timer is set for the first of many deadlines. When it fires, it is set again for the current one: cheaper than
   * for each request.
   */
  private expire(): void {
    this.timerMs = notSet;
    if (!this.waiting) return;
    if (elapsedMs() < this.deadlineMs) return this.setTimer();
    const ms = this.partial?.headComplete ? this.options.handshakeMs : this.timeoutMs;
    this.failRequest(new Error(`no response within ${ms} ms`));
  }

  private dropConnection(): void {
    const { connection } = this;
    this.connection = this.partial = undefined;
    if (!connection) return;
    connection.setHandlers(ignoreAll);
    connection.destroy();
  }

  private failRequest(error: Error): void {
    this.dropConnection();
    this.waiting = false;
    this.handleDisconnect(error);
  }

  private async open(): Promise<void> {
    try {
      const settings = { alpn: "http/1.1", role: this.role } as const;
      const connection = await openConnection(this.address, this.options.handshakeMs, this, settings);
      if (this.destroyed) {
        connection.setHandlers(ignoreAll);
        return connection.destroy();
      }
      this.connection = connection;
      const { head, body } = this.unsent!;
      this.unsent = undefined;
      this.write(connection, head, body);
    } catch (error) {
      if (!this.destroyed) this.failRequest(error as Error);
    }
  }

  private write(connection: RawConnection, head: Buffer, body: Buffer): void {
    this.setDeadline(this.timeoutMs);
    if (body.length === 0) return connection.write(head);
    const { bytes, at } = connection.reserve(head.length + body.length);
    bytes.set(head, at);
    bytes.set(body, at + head.length);
  }
}
