import { setTimeout as delay } from "node:timers/promises";
import type { Crew } from "./crew.ts";

/** Waits for a step of a trial; `what` completes "the processes did not ...". */
export type Guard = <T>(what: string, limitMs: number, step: Promise<T>) => Promise<T>;

/**
 * A guard over a crew: it waits for a step unless a process fails, `signal` aborts or the step takes too long, and then rejects with
 * a sentence that says which.
 */
export function guardOf({ server, workers }: Crew, signal: AbortSignal): Guard {
  const stopped = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  const trouble = Promise.race([server.failed, ...workers.map(({ failed }) => failed), stopped]);
  trouble.catch(() => undefined);

  return async function guard(what, limitMs, step) {
    const timer = new AbortController();
    const tooLong = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`gave up after ${Math.round(limitMs / 1000)} s: the processes did not ${what}`);
    });
    for (const promise of [step, tooLong]) promise.catch(() => undefined);
    try {
      return await Promise.race([step, trouble, tooLong]);
    } finally {
      timer.abort();
    }
  };
}
