import type { Address, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { pollCounter, type PollCounter } from "../../../scenarios/lib/client-bytes.ts";
import { receiveBatch } from "./batches.ts";
import { countEarly, type PollTiming } from "./poll-timing.ts";
import type { Response } from "../http1/response-state.ts";
import { requestHead } from "../http1/request-head.ts";
import { RequestConnection, unexpectedStatus } from "../http1/request-connection.ts";
import { timers, type Timer } from "../net/timer-heap.ts";
import { nextIntervalTime } from "../net/interval.ts";
import { outagesOf, type Outages } from "../net/outages.ts";
import { formatCursor, unheld } from "../../../servers/protocols/cursor.ts";

/** The connection for a session's polls. */
export interface PollConnection {
  /** Waits until the first poll is due. */
  start(): void;
  /** Ends polling. The messages of a poll under way are still delivered. */
  stop(): void;
  destroy(): void;
}

/**
 * Opens a connection that polls for the messages after those received. A poll that is cut off is repeated once, and with
 * `Options.reconnect` until the server answers; such a poll is not held. `ended` is called with an error where the
 * repeated poll fails too or the response is no batch, and without one where the server has closed the session.
 */
export function openPollConnection(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  path: string,
  timing: PollTiming,
  ended: (error?: Error) => void,
): PollConnection {
  return new LeanPollConnection(address, handler, options, path, timing, ended);
}

const phaseParts = 2 ** 30;

class LeanPollConnection extends RequestConnection implements PollConnection, Timer {
  slot = -1;
  private readonly handler: ConnectionHandler;
  private readonly ended: (error?: Error) => void;
  /** The request. Only its cursor changes from poll to poll. */
  private readonly pollHead: Buffer;
  /** Offset of the cursor in `pollHead`. The cursor is the number of messages received. */
  private readonly cursorAt: number;
  private readonly intervalMs: number;
  /** Shared by all connections to this address. */
  private readonly polls: PollCounter;
  private readonly outages: Outages | undefined;
  /** In parts of 2^30, since V8 would store a fraction as an object of its own. */
  private readonly phase: number;
  private tick = -1;
  private received = 0;
  private early = 0;
  private repeated = false;
  private stopped = false;

  constructor(
    address: Address,
    handler: ConnectionHandler,
    options: Options,
    path: string,
    { holdMs, intervalMs }: PollTiming,
    ended: (error?: Error) => void,
  ) {
    super(address, options, holdMs + options.handshakeMs);
    const target = `GET ${path}?after=`;
    this.handler = handler;
    this.ended = ended;
    this.pollHead = requestHead(target + formatCursor(0), address, options);
    this.cursorAt = target.length;
    this.intervalMs = intervalMs;
    this.polls = pollCounter(address);
    this.outages = outagesOf(handler, options);
    this.phase = Math.floor(options.phase * phaseParts);
  }

  start(): void {
    this.waitForDueTime();
  }

  fire(): void {
    this.poll();
  }

  stop(): void {
    this.stopped = true;
    timers.clear(this);
  }

  override destroy(): void {
    this.stop();
    super.destroy();
  }

  receive(payload: Buffer, text: boolean): void {
    this.received++;
    this.handler.receive(payload, text);
  }

  protected get role() {
    return "down" as const;
  }

  protected handleResponse(response: Response): void {
    const { status } = response;
    this.repeated = false;
    this.polls.pollsAnswered++;
    const isBack = this.outages !== undefined && this.isBack(this.outages, status);
    if (status === 200) {
      try {
        receiveBatch(response, this);
      } catch (error) {
        return this.ended(error as Error);
      }
    } else if (this.stopped) return;
    else if (status === 410) return this.ended();
    else if (status !== 204) return this.ended(unexpectedStatus(response, 200));
    else if (this.intervalMs === 0 && !isBack) {
      try {
        this.early = countEarly(this.early, this.waitedMs(), this.options);
      } catch (error) {
        return this.ended(error as Error);
      }
    }
    if (!this.stopped) this.waitForDueTime();
  }

  protected handleDisconnect(error: Error): void {
    if (this.stopped) return;
    if (this.outages) return this.pollAgain(this.outages);
    if (this.repeated) return this.ended(error);
    this.repeated = true;
    this.poll();
  }

  /** Polls at once after the first failure, and then after longer and longer times. */
  private pollAgain(outages: Outages): void {
    if (outages.failed()) this.poll();
    else timers.set(this, timers.nowMs() + outages.waitMs());
  }

  /** True where a response ends an outage: the server has the session. */
  private isBack(outages: Outages, status: number): boolean {
    return !this.stopped && (status === 200 || status === 204) && outages.answered();
  }

  protected handleMalformed(error: Error): void {
    if (!this.stopped) this.ended(error);
  }

  private waitForDueTime(): void {
    if (this.intervalMs === 0) return this.poll();
    const phase = this.phase / phaseParts;
    this.tick = nextIntervalTime(this.tick, timers.nowMs(), this.intervalMs, phase);
    timers.set(this, (this.tick + phase) * this.intervalMs);
  }

  private poll(): void {
    if (this.stopped) return;
    writeCursor(this.pollHead, this.cursorAt, this.received);
    this.request(this.outages?.lasts ? unheldHead(this.pollHead, this.cursorAt) : this.pollHead);
  }
}

const cursorBytes = formatCursor(0).length;

/** The head of a poll that is not held. */
function unheldHead(head: Buffer, cursorAt: number): Buffer {
  const end = cursorAt + cursorBytes;
  return Buffer.concat([head.subarray(0, end), Buffer.from(unheld), head.subarray(end)]);
}

/** Writes a cursor, as `formatCursor` does, over a smaller one, whose leading zeros stay. */
function writeCursor(bytes: Buffer, at: number, received: number): void {
  let rest = received;
  for (let place = at + cursorBytes - 1; rest > 0; place--) {
    bytes[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
