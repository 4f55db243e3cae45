import { readdirSync, readFileSync } from "node:fs";

/** CPU time in microseconds, user and system, that each thread of a session's living processes has used. */
export type Threads = ReadonlyMap<string, number>;

/**
 * Reads the threads of every process of a session (Linux): about 5 ms on a small machine. The scheduler counts in nanoseconds where
 * /proc/PID/stat counts in hundredths of a second, which is too coarse for a few seconds of a cheap generator.
 */
export function threadsOf(session: number): Threads {
  const threads = new Map<string, number>();
  for (const pid of numbersIn("/proc")) {
    if (sessionOf(read(`/proc/${pid}/stat`)) !== session) continue;
    for (const task of numbersIn(`/proc/${pid}/task`))
      threads.set(task, Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ", 1)[0]) / 1000);
  }
  return threads;
}

/** What was used between two readings. A thread that ended between them counts up to the first one only: it is gone with what it knew. */
export function usedUs(before: Threads, after: Threads): number {
  return [...after].reduce((sum, [task, us]) => sum + us - (before.get(task) ?? 0), 0);
}

/** Length of the kernel's accounting tick in microseconds. */
const tickUs = 10_000;

/**
 * CPU time in microseconds that all programs of the machine have used, and that the host of a virtual machine took from them. What the
 * kernel does in interrupts is left out: it is nobody's, and on the loopback interface it is the work of the traffic itself.
 */
export function machineCpuUs(stat = read("/proc/stat")): number {
  const [user, nice, system, , , , , steal] = stat.split("\n", 1)[0]!.trim().split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + steal!) * tickUs;
}

/** The session in a line of /proc/PID/stat: the fourth word behind the name, which may hold spaces and parentheses. */
export function sessionOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
}

function numbersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // the process has ended
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
