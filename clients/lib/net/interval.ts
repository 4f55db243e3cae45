import { alarm, schedule, type Schedule } from "./timer-heap.ts";

/*
 * Due times come once per interval, at a phase of it in [0, 1): tick k is due at `(k + phase) x intervalMs` on the host's clock. One that
 * passed while nobody waited is skipped, never made up for.
 */

/** The first tick that is due after `nowMs`, and after the one that was waited for last, so that rounding makes none come twice. */
export function nextTick(last: number, nowMs: number, intervalMs: number, phase: number): number {
  return Math.max(last, Math.floor(nowMs / intervalMs - phase)) + 1;
}

/** Returns what waits for the next due time: then `tick` is called, once and never early. */
export function ticks(intervalMs: number, phase: number, tick: () => void, on: Schedule = schedule): () => void {
  const next = alarm(tick);
  let last = -Infinity;
  return function wait() {
    last = nextTick(last, on.nowMs(), intervalMs, phase);
    on.set(next, (last + phase) * intervalMs);
  };
}
