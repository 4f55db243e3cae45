import { setTimeout as delay } from "node:timers/promises";
import type { Crew } from "./crew.ts";

/** How long after a failure the death of a process still counts as its cause. */
const causeMs = 250;

/** Waits for a step of a trial; `what` completes "the processes did not ...". */
export type Guard = <T>(what: string, limitMs: number, step: Promise<T>) => Promise<T>;

/**
 * A guard over a crew: it waits for a step unless a process fails, `signal` aborts or the step takes too long, and then rejects with
 * a sentence that says which.
 */
export function guardOf({ server, workers }: Crew, signal: AbortSignal): Guard {
  const children = [server, ...workers];
  const stopped = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  const trouble = Promise.race([stopped, ...children.flatMap(({ failed, ended }) => [failed, ended])]);
  trouble.catch(() => undefined);

  /** A process that dies takes links and calls with it: where one has died, that is the cause to tell. */
  const causeOf = (error: unknown): Promise<unknown> =>
    Promise.race([delay(causeMs, error), ...children.map(({ ended }) => ended)]).catch((death: unknown) => death);

  return async function guard(what, limitMs, step) {
    const timer = new AbortController();
    const tooLong = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`gave up after ${Math.round(limitMs / 1000)} s: the processes did not ${what}`);
    });
    for (const promise of [step, tooLong]) promise.catch(() => undefined);
    try {
      return await Promise.race([step, trouble, tooLong]);
    } catch (error) {
      throw signal.aborted ? signal.reason : await causeOf(error);
    } finally {
      timer.abort();
    }
  };
}
