import { createTimer, timers, type TimerHeap } from "./timer-heap.ts";

/*
 * An interval has one due time per period, at its phase in [0, 1): tick k is due at `(k + phase) x intervalMs` on the
 * host's clock. A due time that passes while nobody waits is skipped.
 */

/** The next tick: the first that is due after `nowMs`, and after tick `last`, so that rounding cannot repeat a tick. */
export function nextIntervalTime(last: number, nowMs: number, intervalMs: number, phase: number): number {
  return Math.max(last, Math.floor(nowMs / intervalMs - phase)) + 1;
}

/** Returns a function that waits for the next due time. `tick` is then called once, and never early. */
export function startInterval(intervalMs: number, phase: number, tick: () => void, on: TimerHeap = timers): () => void {
  const timer = createTimer(tick);
  let last = -Infinity;
  return function wait() {
    last = nextIntervalTime(last, on.nowMs(), intervalMs, phase);
    on.set(timer, (last + phase) * intervalMs);
  };
}
