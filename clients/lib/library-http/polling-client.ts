import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { pollCounter, type PollCounter } from "../../../scenarios/lib/client-bytes.ts";
import { readBatch } from "../../../servers/protocols/batch.ts";
import type { OpenChannels, RequestChannels } from "./request-channel.ts";
import type { HttpResponse } from "./undici.ts";
import { nowMs } from "../../../scenarios/lib/clock.ts";
import { countEarly, type PollTiming } from "../polling/poll-timing.ts";
import { startInterval } from "../net/interval.ts";
import { formatCursor, unheld } from "../../../servers/protocols/cursor.ts";
import type { Patience } from "./patience.ts";
import { expectStatus, SessionClient } from "./session-client.ts";

/** Connects a client of the polling protocol through a library. */
export async function connectLibraryPolling(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  openChannels: OpenChannels,
  timing: PollTiming,
): Promise<Connection> {
  const client = new PollingClient(
    address.path ?? "/poll",
    await openChannels(address, options),
    handler,
    options,
    timing,
    pollCounter(address),
  );
  await client.open();
  return client;
}

/**
 * Polls for messages. A poll that is cut off is repeated once; a second failure ends the connection. With
 * `Options.reconnect` it is repeated until the server answers, and not held.
 */
class PollingClient extends SessionClient {
  private readonly pollTimeoutMs: number;
  private readonly waitForDueTime: () => Promise<void>;
  private readonly holdsPolls: boolean;
  private readonly polls: PollCounter;
  private early = 0;
  private lastEmptyMs = -Infinity;
  private received = 0;

  constructor(
    path: string,
    channels: RequestChannels,
    handler: ConnectionHandler,
    options: Options,
    { holdMs, intervalMs }: PollTiming,
    polls: PollCounter,
  ) {
    super(path, channels, handler, options);
    this.holdsPolls = intervalMs === 0;
    this.polls = polls;
    this.pollTimeoutMs = holdMs + options.handshakeMs;
    this.waitForDueTime = intervalMs === 0 ? () => Promise.resolve() : dueTimes(intervalMs, options.phase);
  }

  protected startReceiving(): void {
    this.pollUntilClosed().catch((error: Error) => this.finish(error));
  }

  private async pollUntilClosed(): Promise<void> {
    const poll = (): Promise<HttpResponse> => this.poll();
    for (;;) {
      await this.waitForDueTime();
      if (this.state === "closed") return;
      const response = this.patience ? await this.pollUntilAnswered(this.patience) : await poll().catch(poll);
      if (!response) return;
      this.polls.pollsAnswered++;
      const isBack = this.patience !== undefined && isBatch(response) && this.patience.outages.answered();
      if (response.status === 410) return this.finish();
      if (response.status === 204) {
        if (this.holdsPolls && !isBack) this.countEmpty();
        continue;
      }
      expectStatus(response, 200);
      readBatch(response.type, response.body, (payload, text) => {
        this.received++;
        this.handler.receive(payload, text);
      });
    }
  }

  private countEmpty(): void {
    const atMs = nowMs();
    this.early = countEarly(this.early, atMs - this.lastEmptyMs, this.options);
    this.lastEmptyMs = atMs;
  }

  /** Resolves to undefined where the session is being closed and does not need another poll. */
  private async pollUntilAnswered(patience: Patience): Promise<HttpResponse | undefined> {
    const { outages } = patience;
    for (;;) {
      try {
        return await this.poll(outages.lasts ? unheld : "");
      } catch {
        if (this.state === "open" && !outages.failed()) await patience.pause(outages.waitMs());
        if (this.state !== "open") return undefined;
      }
    }
  }

  private poll(suffix = ""): Promise<HttpResponse> {
    const path = `${this.path}?after=${formatCursor(this.received)}${suffix}`;
    return this.channels.polls.call({ method: "GET", path, headers: this.headers }, this.pollTimeoutMs);
  }
}

/** True for the response of a server that has the session and keeps it. */
function isBatch({ status }: HttpResponse): boolean {
  return status === 200 || status === 204;
}

/** Returns a function whose promise resolves at the next due time of an interval. */
function dueTimes(intervalMs: number, phase: number): () => Promise<void> {
  let due = (): void => undefined;
  const wait = startInterval(intervalMs, phase, () => due());
  return () =>
    new Promise((resolve) => {
      due = resolve;
      wait();
    });
}
