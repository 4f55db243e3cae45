import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { AnswerError } from "../../../scenarios/lib/answer-error.ts";
import { Attempts, Outages } from "../net/outages.ts";
import { isUnsent } from "./request-channel.ts";

/** What a session needs to outlast failed requests (`Options.reconnect`): its outages, waits, and messages in order. */
export class Patience {
  readonly outages: Outages;
  private readonly attempts: Attempts;
  private readonly ending = new AbortController();
  private sending: Promise<unknown> = Promise.resolve();

  constructor(handler: ConnectionHandler, reconnect: NonNullable<Options["reconnect"]>, phase: number) {
    this.outages = new Outages(handler, reconnect, phase);
    this.attempts = new Attempts(reconnect, phase);
  }

  /** From now on nothing waits any more, and nothing is tried again. */
  end(): void {
    this.ending.abort();
  }

  /** Waits, but not longer than until `end`. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  /** Makes a request after those before it. Rejects where one of them was refused. */
  inOrder(request: () => Promise<unknown>): Promise<unknown> {
    this.sending = this.sending.then(request);
    return this.sending;
  }

  /**
   * Sends a message after those before it, at most once: again where nothing of it has left, and not where its request
   * broke (see polling/send-connection.ts). Rejects where the server refuses it.
   */
  send(post: () => Promise<unknown>): Promise<unknown> {
    return this.inOrder(() => this.sendWhenPossible(post));
  }

  private async sendWhenPossible(post: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await post();
        return this.attempts.reset();
      } catch (error) {
        if (error instanceof AnswerError) throw error;
        if (!isUnsent(error)) return;
        if (this.ending.signal.aborted) throw error;
        await this.pause(this.attempts.waitMs());
      }
    }
  }
}
