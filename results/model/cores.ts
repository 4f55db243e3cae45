import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/** Text of a file; undefined where it cannot be read. Tests pass their own. */
type ReadText = (path: string) => string | undefined;

/** Text of a file; undefined where it cannot be read. */
export function textIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * CPU cores that this process may use: those that it may run on (`taskset`, a cpuset), or fewer where a control group
 * limits its CPU time, as that of a container does. A limit of one and a half cores is 1.5.
 */
export function availableCores(): number {
  return Math.min(availableParallelism(), cgroupCores(textIfAny));
}

/**
 * Cores that the CPU time of the control groups of this process amounts to, in version 2 (`cpu.max`) and version 1
 * (`cpu.cfs_quota_us`); the smallest one of a group and those above it. Infinity without a limit, and off Linux.
 */
export function cgroupCores(read: ReadText): number {
  const limits = (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) return [];
    if (controllers === "") return upwards(group).map((each) => quota(read(join("/sys/fs/cgroup", each, "cpu.max"))));
    if (!controllers!.split(",").includes("cpu")) return [];
    return upwards(group).map((each) => {
      const at = (name: string): string | undefined => read(join("/sys/fs/cgroup/cpu", each, name));
      return quota(`${at("cpu.cfs_quota_us")} ${at("cpu.cfs_period_us")}`);
    });
  });
  return Math.min(Infinity, ...limits);
}

/** A path and those above it, up to the root. */
function upwards(path: string): string[] {
  return path === "/" ? [path] : [path, ...upwards(dirname(path))];
}

/** Cores of a quota and its period in microseconds: "150000 100000". A quota that is no positive number is no limit. */
function quota(text = ""): number {
  const [quotaUs, periodUs] = text.trim().split(/\s+/).map(Number);
  return quotaUs! > 0 && periodUs! > 0 ? quotaUs! / periodUs! : Infinity;
}
