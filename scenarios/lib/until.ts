import { setTimeout as delay } from "node:timers/promises";

/** Waits until `condition` holds; after ten seconds, or as many milliseconds as are given, it throws, naming `what`. */
export async function until(condition: () => boolean, what: string | (() => string), withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end)
      throw new Error(`waited ${withinMs / 1000} s in vain until ${typeof what === "string" ? what : what()}`);
    await delay(2);
  }
}
