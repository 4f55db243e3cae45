import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until `condition` holds. Throws after `withinMs`, by default ten seconds, with `what` as the description of the
 * condition.
 */
export async function until(condition: () => boolean, what: string | (() => string), withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`not within ${withinMs / 1000} s: ${typeof what === "string" ? what : what()}`);
    await delay(2);
  }
}
