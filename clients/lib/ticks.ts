import { alarm, schedule, type Schedule } from "./schedule.ts";

/** Something that happens at intervals, each time it has been waited for. */
export interface Ticks {
  wait(): void;
  /** Waits no longer. */
  stop(): void;
}

/**
 * Calls `tick` once after each `wait`, at the next due time, `(phase + k) x intervalMs` on the host's clock, never early. A due time
 * that passed while nobody waited is skipped, never made up for.
 */
export function ticks(intervalMs: number, phase: number, tick: () => void, on: Schedule = schedule): Ticks {
  const next = alarm(tick);
  let dueMs = -Infinity;
  return {
    wait() {
      const periods = Math.floor(on.nowMs() / intervalMs - phase) + 1;
      dueMs = Math.max(dueMs + intervalMs, (periods + phase) * intervalMs);
      on.set(next, dueMs);
    },
    stop: () => on.clear(next),
  };
}
