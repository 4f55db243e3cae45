import { numericEntries, readProc, statFields } from "../../scenarios/lib/processes.ts";

/** CPU time in microseconds, user and system, of each living thread of a session, by thread id. */
export type ThreadCpu = ReadonlyMap<string, number>;

/**
 * Reads the CPU time of every thread of a session (Linux). It takes about 5 ms on a small machine. The scheduler's
 * statistics are in nanoseconds; /proc/PID/stat counts hundredths of a second, which is too coarse for a few seconds of
 * a cheap generator.
 */
export function readThreadCpu(session: number): ThreadCpu {
  const threads = new Map<string, number>();
  for (const pid of numericEntries("/proc")) {
    if (sessionOf(readProc(`/proc/${pid}/stat`) ?? "") !== session) continue;
    for (const thread of numericEntries(`/proc/${pid}/task`)) {
      const [runNs] = (readProc(`/proc/${pid}/task/${thread}/schedstat`) ?? "").split(" ", 1);
      threads.set(thread, Number(runNs) / 1000);
    }
  }
  return threads;
}

/** CPU time between two readings, in microseconds. The last part of a thread that ended between them is not counted. */
export function usedCpuUs(before: ThreadCpu, after: ThreadCpu): number {
  return [...after].reduce((sum, [thread, us]) => sum + us - (before.get(thread) ?? 0), 0);
}

/** Session id in the text of /proc/PID/stat. Exported for its tests. */
export function sessionOf(stat: string): number {
  return Number(statFields(stat)[3]);
}
