import { nowMs } from "./clock.ts";

/**
 * A function that resolves at the next due time, `(phase + k) x intervalMs` on the host's clock, never early. A due time that passed
 * while the caller was busy is skipped, never made up for.
 */
export function ticks(
  intervalMs: number,
  phase: number,
  now: () => number = nowMs,
  sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): () => Promise<void> {
  let due = -Infinity;
  return async function tick() {
    const periods = Math.floor(now() / intervalMs - phase) + 1;
    due = Math.max(due + intervalMs, (periods + phase) * intervalMs);
    for (let wait = due - now(); wait > 0; wait = due - now()) await sleep(Math.ceil(wait));
  };
}
