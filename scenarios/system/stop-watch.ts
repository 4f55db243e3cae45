import { readProcess } from "../lib/processes.ts";

/** Milliseconds between two looks at a process. */
const lookMs = 500;
/** Looks in a row at which a process must be stopped: 2 s from the first one to the last one. */
const looks = 5;

/** Seconds for which a process is stopped when `watchForStop` reports it. */
export const stoppedS = (lookMs * (looks - 1)) / 1000;

/**
 * Calls `report` once if a signal stops a process for 2 s. It reads the state of the process from /proc, so a process
 * that is busy or waits for a CPU is never taken for a stopped one. A stop for which `isExpected` is true does not count.
 * Returns the end of the watch. Off Linux nothing is reported.
 */
export function watchForStop(pid: number, isExpected: () => boolean, report: () => void, proc?: string): () => void {
  let seen = 0;
  const timer = setInterval(() => {
    seen = !isExpected() && readProcess(pid, proc)?.stopped ? seen + 1 : 0;
    if (seen < looks) return;
    clearInterval(timer);
    report();
  }, lookMs).unref();
  return () => clearInterval(timer);
}
