import { setTimeout as delay } from "node:timers/promises";
import type { TrialProcesses } from "./trial-processes.ts";

/** How long after a failure the death of a process still counts as its cause. */
const causeMs = 250;

/**
 * Waits for a step of a trial; `what` completes "the processes did not ...". Where a step says how far it is, it may take as long as it
 * likes while that number changes: the limit is then the time in which it does not.
 */
export type WithDeadline = <T>(
  what: string,
  limitMs: number,
  step: Promise<T>,
  far?: () => Promise<number>,
) => Promise<T>;

/**
 * A guard over a crew: it waits for a step unless a process fails, `signal` aborts or the step takes too long, and then rejects with
 * a sentence that says which.
 */
export function deadlinesFor({ servers, workers }: TrialProcesses, signal: AbortSignal): WithDeadline {
  const children = [...servers, ...workers];
  const own = AbortSignal.any([signal]); // which goes with this guard: a signal outlives many trials, and would keep a listener of each
  const stopped = new Promise<never>((_resolve, reject) => {
    if (own.aborted) reject(own.reason as Error);
    own.addEventListener("abort", () => reject(own.reason as Error), { once: true });
  });
  const failure = Promise.race([stopped, ...children.flatMap(({ failed, ended }) => [failed, ended])]);
  failure.catch(() => undefined);

  /** A process that dies takes links and calls with it, and so does a server that cannot go on: that is the cause to tell. */
  const causes = [...children.map(({ ended }) => ended), ...servers.map(({ failed }) => failed)];
  const causeOf = (error: unknown): Promise<unknown> =>
    Promise.race([delay(causeMs, error), ...causes]).catch((death: unknown) => death);

  return async function guard(what, limitMs, step, far) {
    const timer = new AbortController();
    const wait = (): Promise<void> => delay(limitMs, undefined, { signal: timer.signal });
    const tooLong = stalled(wait, far).then(() => {
      const still = far ? " in which nothing moved" : "";
      throw new Error(`gave up after ${Math.round(limitMs / 1000)} s${still}: the processes did not ${what}`);
    });
    for (const promise of [step, tooLong]) promise.catch(() => undefined);
    try {
      return await Promise.race([step, failure, tooLong]);
    } catch (error) {
      throw signal.aborted ? signal.reason : await causeOf(error);
    } finally {
      timer.abort();
    }
  };
}

/** Resolves when `far` answers after a wait as it did before, or not at all; without `far` after one wait. */
async function stalled(wait: () => Promise<void>, far?: () => Promise<number>): Promise<void> {
  const look = (): Promise<number | void> => Promise.race([far?.(), wait()]);
  let [before, now] = [undefined as number | void, await look()];
  do {
    await wait();
    [before, now] = [now, await look()];
  } while (now !== undefined && now !== before);
}
