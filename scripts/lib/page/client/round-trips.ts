import { isSame, type ChatMessage } from "./messages.ts";

/** Own messages that a page waits for at most. It forgets older ones. */
const maxWaiting = 100;
/** Round trips of which the median is taken. */
const maxKept = 99;

/**
 * Round trips of a page's own messages: from sending one until the server has sent it back. Messages carry no mark, so
 * that people at nc can read them: the oldest of the same content is the one that came back.
 */
export class RoundTrips {
  /** The last round trip in milliseconds. Undefined before the first. */
  lastMs: number | undefined;
  /** Round trips so far. */
  count = 0;
  private waiting: { message: ChatMessage; sentMs: number }[] = [];
  private kept: number[] = [];

  sent(message: ChatMessage, nowMs: number): void {
    this.waiting.push({ message, sentMs: nowMs });
    if (this.waiting.length > maxWaiting) this.waiting.shift();
  }

  /** Milliseconds since this own message was sent. Undefined for a message of somebody else. */
  received(message: ChatMessage, nowMs: number): number | undefined {
    const i = this.waiting.findIndex((each) => isSame(each.message, message));
    if (i < 0) return undefined;
    const { sentMs } = this.waiting.splice(i, 1)[0]!;
    this.lastMs = nowMs - sentMs;
    this.count++;
    this.kept.push(this.lastMs);
    if (this.kept.length > maxKept) this.kept.shift();
    return this.lastMs;
  }

  /** Own messages that have not come back. */
  get due(): number {
    return this.waiting.length;
  }

  /** Median of the last round trips in milliseconds. Undefined without any. */
  get medianMs(): number | undefined {
    const sorted = this.kept.toSorted((a, b) => a - b);
    const middle = sorted.length / 2;
    return sorted.length === 0 ? undefined : (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  }

  /** Forgets what has not come back, such as when the connection has ended. */
  forgetWaiting(): void {
    this.waiting = [];
  }
}

/** Milliseconds over which a rate is taken. */
const rateMs = 5_000;

/** Rate of a count that grows, over the last five seconds. */
export class Rate {
  private samples: { atMs: number; count: number }[] = [];

  /** Enters the count at a time. Returns what it grows by per second; undefined before the second sample. */
  add(count: number, nowMs: number): number | undefined {
    this.samples.push({ atMs: nowMs, count });
    while (this.samples.length > 2 && this.samples[1]!.atMs <= nowMs - rateMs) this.samples.shift();
    const first = this.samples[0]!;
    return nowMs > first.atMs ? ((count - first.count) * 1_000) / (nowMs - first.atMs) : undefined;
  }
}
