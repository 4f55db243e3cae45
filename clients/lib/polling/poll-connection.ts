import type { Address, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { receiveBatch } from "./batches.ts";
import type { Response } from "../http1/response-state.ts";
import { requestHead } from "../http1/request-head.ts";
import { RequestConnection, unexpectedStatus } from "../http1/request-connection.ts";
import { timers, type Timer } from "../net/timer-heap.ts";
import { nextIntervalTime } from "../net/interval.ts";
import { formatCursor } from "../../../servers/protocols/cursor.ts";

/**
 * How a polling client asks: an answer may be held for `holdMs`. The next ask is due at the client's phase of the interval, or at once where
 * that is 0.
 */
export interface PollTiming {
  holdMs: number;
  intervalMs: number;
}

/** The connection on which a session is asked for messages. */
export interface PollConnection {
  /** Waits until the first ask is due. */
  begin(): void;
  /** Asks no more: only the messages that an ask on its way still brings are wanted. */
  leave(): void;
  destroy(): void;
}

/**
 * Asks for what comes after the messages that have been received. An ask that is cut off is repeated once. `ended` is called where
 * that fails too, where what comes is no batch, and without an error where the server says goodbye.
 */
export function openPollConnection(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  path: string,
  manner: PollTiming,
  ended: (error?: Error) => void,
): PollConnection {
  return new Asking(address, handler, options, path, manner, ended);
}

const phaseParts = 2 ** 30;

class Asking extends RequestConnection implements PollConnection, Timer {
  slot = -1;
  private readonly handler: ConnectionHandler;
  private readonly ended: (error?: Error) => void;
  private readonly question: Buffer;
  /** Where in the question the number stands of messages that have been received. */
  private readonly cursorAt: number;
  private readonly intervalMs: number;
  /** In parts of 2^30: a fraction would be an object of its own. */
  private readonly phase: number;
  private tick = -1;
  private received = 0;
  private repeated = false;
  private leaving = false;

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
    this.question = requestHead(target + formatCursor(0), address, options);
    this.cursorAt = target.length;
    this.intervalMs = intervalMs;
    this.phase = Math.floor(options.phase * phaseParts);
  }

  begin(): void {
    this.pause();
  }

  fire(): void {
    this.ask();
  }

  leave(): void {
    this.leaving = true;
    timers.clear(this);
  }

  override destroy(): void {
    this.leave();
    super.destroy();
  }

  receive(payload: Buffer, text: boolean): void {
    this.received++;
    this.handler.receive(payload, text);
  }

  protected onAnswer(response: Response): void {
    const { status } = response;
    this.repeated = false;
    if (status === 200) {
      try {
        receiveBatch(response, this);
      } catch (error) {
        return this.ended(error as Error);
      }
    } else if (this.leaving) return;
    else if (status === 410) return this.ended();
    else if (status !== 204) return this.ended(unexpectedStatus(response, 200));
    if (!this.leaving) this.pause();
  }

  protected onCut(error: Error): void {
    if (this.leaving) return;
    if (this.repeated) return this.ended(error);
    this.repeated = true;
    this.ask();
  }

  protected onRefusal(error: Error): void {
    if (!this.leaving) this.ended(error);
  }

  private pause(): void {
    if (this.intervalMs === 0) return this.ask();
    const phase = this.phase / phaseParts;
    this.tick = nextIntervalTime(this.tick, timers.nowMs(), this.intervalMs, phase);
    timers.set(this, (this.tick + phase) * this.intervalMs);
  }

  private ask(): void {
    if (this.leaving) return;
    writeCursor(this.question, this.cursorAt, this.received);
    this.request(this.question);
  }
}

const cursorBytes = formatCursor(0).length;

/** Writes a number over a smaller one, as `cursor` writes it: in front of its first digit are zeros already. */
function writeCursor(bytes: Buffer, at: number, received: number): void {
  let rest = received;
  for (let place = at + cursorBytes - 1; rest > 0; place--) {
    bytes[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
