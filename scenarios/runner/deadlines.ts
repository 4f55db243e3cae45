import { setTimeout as delay } from "node:timers/promises";
import type { TrialProcesses } from "./trial-processes.ts";

/** Time after a failure in which the death of a process still counts as its cause. */
const causeMs = 250;

/**
 * Waits for a step of a trial. `doing` completes "timed out while ...". With `progress` the step may take any time
 * while that number changes: `limitMs` is then the time without a change.
 */
export type WithDeadline = <T>(
  doing: string,
  limitMs: number,
  step: Promise<T>,
  progress?: () => Promise<number>,
) => Promise<T>;

/**
 * Deadlines for the steps of a trial with these processes. A step rejects with a sentence when a process fails,
 * `signal` aborts or the step takes too long.
 */
export function deadlinesFor({ servers, workers, network, proxy }: TrialProcesses, signal: AbortSignal): WithDeadline {
  const children = [
    ...servers,
    ...workers,
    ...(network?.emulator ? [network.emulator] : []),
    ...(proxy ? [proxy] : []),
  ];
  const own = AbortSignal.any([signal]); // a signal outlives many trials and would keep a listener of each
  const aborted = new Promise<never>((_resolve, reject) => {
    if (own.aborted) reject(own.reason as Error);
    own.addEventListener("abort", () => reject(own.reason as Error), { once: true });
  });
  const failure = Promise.race([aborted, ...children.flatMap(({ failed, ended }) => [failed, ended])]);
  failure.catch(() => undefined);

  /** A dead process, or a server that cannot go on, makes connections and calls fail. It is the cause to report. */
  const causes = [...children.map(({ ended }) => ended), ...servers.map(({ failed }) => failed)];
  const causeOf = (error: unknown): Promise<unknown> =>
    Promise.race([delay(causeMs, error), ...causes]).catch((cause: unknown) => cause);

  return async function withDeadline(doing, limitMs, step, progress) {
    const timer = new AbortController();
    const timeout = expiry(limitMs, timer.signal, progress).then(() => {
      const seconds = Math.round(limitMs / 1000);
      throw new Error(
        progress
          ? `timed out: no progress for ${seconds} s while ${doing}`
          : `timed out after ${seconds} s while ${doing}`,
      );
    });
    for (const promise of [step, timeout]) promise.catch(() => undefined);
    try {
      return await Promise.race([step, failure, timeout]);
    } catch (error) {
      throw signal.aborted ? signal.reason : await causeOf(error);
    } finally {
      timer.abort();
    }
  };
}

/** Resolves after `limitMs`. With `progress`: after `limitMs` without a change, or without an answer. */
async function expiry(limitMs: number, signal: AbortSignal, progress?: () => Promise<number>): Promise<void> {
  const wait = (): Promise<undefined> => delay(limitMs, undefined, { signal });
  if (!progress) return wait();
  const read = (): Promise<number | undefined> => Promise.race([progress(), wait()]);
  let [before, now] = [undefined as number | undefined, await read()];
  while (now !== undefined && now !== before) {
    await wait();
    [before, now] = [now, await read()];
  }
}
