import { createTimer, timers, type TimerHeap } from "./timer-heap.ts";

/*
 * Due times come once per interval, at a phase of it in [0, 1): tick k is due at `(k + phase) x intervalMs` on the host's clock. One that
 * passed while nobody waited is skipped, never made up for.
 */

/** The first tick that is due after `nowMs`, and after the one that was waited for last, so that rounding makes none come twice. */
export function nextIntervalTime(last: number, nowMs: number, intervalMs: number, phase: number): number {
  return Math.max(last, Math.floor(nowMs / intervalMs - phase)) + 1;
}

/** Returns what waits for the next due time: then `tick` is called, once and never early. */
export function startInterval(intervalMs: number, phase: number, tick: () => void, on: TimerHeap = timers): () => void {
  const next = createTimer(tick);
  let last = -Infinity;
  return function wait() {
    last = nextIntervalTime(last, on.nowMs(), intervalMs, phase);
    on.set(next, (last + phase) * intervalMs);
  };
}
