import { readdirSync, readFileSync } from "node:fs";

/** One process in /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcessStat {
  pid: number;
  /** True where it has ended, and its parent has not noticed. */
  ended: boolean;
  /** True while a signal such as SIGSTOP has stopped it. A debugger that has stopped it does not count. */
  stopped: boolean;
  parent: number;
  group: number;
  /** CPU time, exact to 10 ms, with that of its ended children. */
  cpuUs: number;
  /** CPU time without that of its ended children. */
  ownCpuUs: number;
  /** Ticks from the start of the machine to that of the process. A later process of the same number has another one. */
  startTicks: number;
}

/** The processes of this machine. Empty on systems other than Linux. `proc` is the kernel's folder, for tests. */
export function allProcesses(proc = "/proc"): ProcessStat[] {
  return numericEntries(proc).flatMap((pid) => readProcess(Number(pid), proc) ?? []);
}

/** One process. Undefined where there is none of that number, and on systems other than Linux. */
export function readProcess(pid: number, proc = "/proc"): ProcessStat | undefined {
  const text = readProc(`${proc}/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = statFields(text);
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number) as [number, number, number, number];
  return {
    pid,
    ended: /[ZX]/.test(fields[0]!),
    stopped: fields[0] === "T",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuUs: (user + system + childUser + childSystem) * tickUs,
    ownCpuUs: (user + system) * tickUs,
    startTicks: Number(fields[19]),
  };
}

/** Microseconds of the kernel's accounting tick: USER_HZ is 100 on every Linux that Node runs on. */
export const tickUs = 10_000;

/**
 * Fields of /proc/PID/stat after the program's name, the state first. The name may contain blanks and brackets
 * (proc_pid_stat(5)).
 */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * Numeric names in a folder of /proc: process ids or thread ids. None off Linux, and none where the process has ended.
 */
export function numericEntries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Text of a file of the kernel. Undefined where there is none: off Linux, or the process has ended. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
