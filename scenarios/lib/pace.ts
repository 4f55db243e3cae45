import { nowUs } from "./clock.ts";

/** A source of time. Tests pass their own. */
export interface Clock {
  nowUs(): number;
  /** Calls back after about `ms` milliseconds. It may be early. */
  after(ms: number, callback: () => void): void;
  /** Calls back after pending input and output, without a wait. */
  soon(callback: () => void): void;
}

/** The host's monotonic clock and Node's timers. */
export const realClock: Clock = {
  nowUs,
  after: (ms, callback) => void setTimeout(callback, ms),
  soon: (callback) => void setImmediate(callback),
};

/**
 * Microseconds before a due time at which precise pacing stops using timers, since they fire up to about this much
 * late.
 */
const spinUs = 2_000;

/**
 * Calls `send(i)` for each due time, in order and never early. Everything that is due is sent at once. `precise` spins
 * through the event loop for the last two milliseconds before a due time; otherwise a millisecond timer wakes it.
 * Resolves after the last message that is due before `until()`, which may become earlier while it waits.
 */
export function pace(
  dueUs: ArrayLike<number>,
  send: (index: number, nowUs: number) => void,
  precise: boolean,
  clock: Clock = realClock,
  until: () => number = () => Infinity,
): Promise<void> {
  return new Promise((resolve) => {
    let next = 0;
    function step(): void {
      for (let now = clock.nowUs(); next < dueUs.length && dueUs[next]! <= now; now = clock.nowUs()) {
        if (dueUs[next]! >= until()) return resolve();
        send(next++, now);
      }
      if (next === dueUs.length || dueUs[next]! >= until()) return resolve();
      const waitUs = dueUs[next]! - clock.nowUs() - (precise ? spinUs : 0);
      if (waitUs > 0) clock.after(Math.ceil(waitUs / 1000), step);
      else if (precise) clock.soon(step);
      else clock.after(0, step);
    }
    step();
  });
}

/** Resolves at that time on the host's clock, in microseconds, and never early. */
export function sleepUntil(dueUs: number, clock: Clock = realClock): Promise<void> {
  return pace([dueUs], () => undefined, false, clock);
}
