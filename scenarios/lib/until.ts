import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds after which a condition that is still false, or a promise that is still pending, counts as failed. */
export const deadlineMs = 10_000;

/**
 * Waits until `condition` holds. Throws after `withinMs`, by default the deadline, with `what` as the description of the
 * condition.
 */
export async function until(
  condition: () => boolean,
  what: string | (() => string),
  withinMs = deadlineMs,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`not within ${withinMs / 1000} s: ${typeof what === "string" ? what : what()}`);
    await delay(2);
  }
}
