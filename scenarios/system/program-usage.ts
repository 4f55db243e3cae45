import { existsSync } from "node:fs";
import { allProcesses, numericEntries, readProc, readProcess, type ProcessStat } from "../lib/processes.ts";

/**
 * CPU time and resident memory of several processes. The CPU time includes ended children and ended threads, to 10 ms;
 * that of running threads is exact.
 */
interface TotalUsage {
  cpuUs: number;
  rssBytes: number;
}

/**
 * Usage of all processes of a group. Undefined on systems other than Linux, and if the group has no process. `proc` is
 * the kernel's folder, for tests.
 */
export function readGroupUsage(group: number, proc = "/proc"): TotalUsage | undefined {
  return total(
    allProcesses(proc).filter((each) => each.group === group),
    proc,
  );
}

/**
 * Usage of a process and of its descendants, such as the workers of a cluster. A descendant whose parent has ended
 * belongs to another process from then on, and is left out. Undefined on systems other than Linux, and where there is
 * no such process. `proc` is the kernel's folder, for tests.
 */
export function readTreeUsage(root: number, proc = "/proc"): TotalUsage | undefined {
  const all = allProcesses(proc);
  const tree = new Set(all.filter(({ pid }) => pid === root));
  // The loop goes on with what is added.
  for (const { pid } of tree) for (const child of all) if (child.parent === pid) tree.add(child);
  return total([...tree], proc);
}

function total(processes: readonly ProcessStat[], proc: string): TotalUsage | undefined {
  if (processes.length === 0) return undefined;
  return processes.reduce(
    (sum, { pid, cpuUs, ownCpuUs }) => ({
      cpuUs: sum.cpuUs + cpuUs + Math.max(0, threadsCpuUs(pid, proc) - ownCpuUs),
      rssBytes: sum.rssBytes + residentBytes(pid, proc),
    }),
    { cpuUs: 0, rssBytes: 0 },
  );
}

/**
 * CPU time of the threads of a process that have not ended, in nanoseconds of the scheduler (schedstat). 0 where it is
 * not known. It is above the time in ticks by up to a tick, and below it by what ended threads used.
 */
function threadsCpuUs(pid: number, proc: string): number {
  const folder = `${proc}/${pid}/task`;
  const threads = numericEntries(folder).map((thread) => readProc(`${folder}/${thread}/schedstat`) ?? "0");
  return threads.reduce((sum, text) => sum + Number(text.split(" ")[0]) / 1000, 0);
}

/** Resident memory of a process. 0 where it has ended. */
function residentBytes(pid: number, proc: string): number {
  const status = readProc(`${proc}/${pid}/status`) ?? "";
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

/** Start of a process, to tell it from a later one of the same number. Undefined where it has ended. */
export function startOfProcess(pid: number, proc = "/proc"): number | undefined {
  const found = readProcess(pid, proc);
  return found?.ended ? undefined : found?.startTicks;
}

/**
 * Why the usage of a process cannot be read, as a sentence with a remedy. Undefined where it can. `proc` is the kernel's
 * folder, for tests.
 */
export function unreadableProcess(pid: number, proc = "/proc"): string | undefined {
  if (!existsSync(`${proc}/stat`))
    return "--target-pid reads CPU time and memory in /proc, which only Linux has: leave it out on this machine.";
  const exists = numericEntries(proc).includes(String(pid)); // the number of a thread has a hidden folder
  if (exists && startOfProcess(pid, proc) !== undefined) return undefined;
  if (exists && readProc(`${proc}/${pid}/stat`) === undefined)
    return `--target-pid ${pid}: this user may not read that process: run the bench as the user who runs the server.`;
  return `--target-pid ${pid}: there is no such process: give the number of the server that "ss -ltnp" or "pgrep -f" prints.`;
}

/**
 * Numbers of the processes whose environment has a variable `NAME=value`: all that a process with it has started, also
 * those that have left its group. Empty on systems other than Linux.
 */
export function processesWith(variable: string, proc = "/proc"): number[] {
  return numericEntries(proc)
    .filter((pid) => readProc(`${proc}/${pid}/environ`)?.split("\0").includes(variable))
    .map(Number);
}
