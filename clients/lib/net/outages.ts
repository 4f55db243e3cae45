import type { ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { backoffMs, windowOf, type BackoffWindow } from "../../../scenarios/lib/backoff.ts";
import { seededRandom } from "../../../scenarios/lib/random.ts";

/** The waits between attempts that fail one after another. Clients of different phases draw different ones. */
export class Attempts {
  private readonly window: BackoffWindow;
  private readonly random: () => number;
  private failed = 0;

  constructor(reconnect: NonNullable<Options["reconnect"]>, phase: number) {
    this.window = windowOf(reconnect);
    this.random = seededRandom(Math.floor(phase * 2 ** 30));
  }

  /** Milliseconds before the next attempt. */
  waitMs(): number {
    return backoffMs(this.window, this.failed++, this.random);
  }

  reset(): void {
    this.failed = 0;
  }
}

/**
 * The outages of a client that goes on with its session on another connection. The handler is told once that the
 * connection is gone, and once that the server has answered again.
 */
export class Outages {
  private readonly handler: ConnectionHandler;
  private readonly attempts: Attempts;
  private isOn = false;

  constructor(handler: ConnectionHandler, reconnect: NonNullable<Options["reconnect"]>, phase: number) {
    this.handler = handler;
    this.attempts = new Attempts(reconnect, phase);
  }

  /** True from the first failure until the next answer. */
  get lasts(): boolean {
    return this.isOn;
  }

  /** A request has failed. Returns true for the first in an outage. */
  failed(): boolean {
    if (this.isOn) return false;
    this.isOn = true;
    this.handler.lost?.();
    return true;
  }

  /** Milliseconds before the next attempt. */
  waitMs(): number {
    return this.attempts.waitMs();
  }

  /** The server has answered, and knows the session. Returns true if that ends an outage. */
  answered(): boolean {
    if (!this.isOn) return false;
    this.isOn = false;
    this.attempts.reset();
    this.handler.back?.(true);
    return true;
  }
}

/** The outages of a client; undefined if it does not go on after one (`Options.reconnect`). */
export function outagesOf(handler: ConnectionHandler, { reconnect, phase }: Options): Outages | undefined {
  return reconnect && new Outages(handler, reconnect, phase);
}
