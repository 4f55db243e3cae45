import {
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type EventLoopUtilization,
  type IntervalHistogram,
} from "node:perf_hooks";
import { nowUs } from "../lib/clock.ts";
import { runDelayUs } from "./procfs.ts";
import { readGroupUsage, readTreeUsage } from "./program-usage.ts";
import { realClock, sleepUntil, type Clock } from "../lib/pace.ts";

/**
 * CPU, memory and event-loop counters of one process. Counters that only a Node process has are NaN for another
 * program.
 */
export interface ProcessUsage {
  atUs: number;
  /** User and system time so far. */
  cpuUs: number;
  loop: Pick<EventLoopUtilization, "idle" | "active">;
  rssBytes: number;
  /** Time spent in garbage collection so far. */
  gcUs: number;
  /** Time so far that the main thread was ready to run and had no CPU; undefined if the system does not report it. */
  runDelayUs: number | undefined;
  /** Delay of the event loop since the first edge of the window: 99th percentile and maximum. */
  loopDelayP99Us: number;
  loopDelayMaxUs: number;
  /** Largest delay of the event loop since the previous reading that reset it. */
  lateDelayUs: number;
  /** CPU time of the whole machine so far, where it was asked for. */
  machineBusyUs?: number | undefined;
}

/** Sampling interval of the event loop's delay, in milliseconds. Node's values include it. */
const resolutionMs = 10;

const loopDelay = monitorEventLoopDelay({ resolution: resolutionMs });
/** The same since the previous reading. It needs its own monitor, since a monitor can only be reset as a whole. */
const recentDelay = monitorEventLoopDelay({ resolution: resolutionMs });
let gcUs = 0;

/** Starts the monitors of this process's garbage collection and event loop. */
export function monitorProcess(): void {
  loopDelay.enable();
  recentDelay.enable();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcUs += duration * 1000;
  }).observe({ entryTypes: ["gc"] });
}

/** What the counters of this process are read from. Tests pass their own. */
export interface UsageSources {
  nowUs(): number;
  cpuUsage(): NodeJS.CpuUsage;
  loopUsage(): Pick<EventLoopUtilization, "idle" | "active">;
  rssBytes(): number;
  gcUs(): number;
  runDelayUs(): number | undefined;
  /** Delay in nanoseconds since the first edge of the window, and since the previous reading. */
  loopDelay: Pick<IntervalHistogram, "max" | "percentile">;
  recentDelay: Pick<IntervalHistogram, "max" | "reset">;
}

/** Reads the counters of a process. With `resets` the next largest recent delay counts from now. */
export function readUsage(from: UsageSources, resets = true): ProcessUsage {
  const { user, system } = from.cpuUsage();
  const { idle, active } = from.loopUsage();
  const late = (ns: number): number => Math.max(0, ns / 1000 - resolutionMs * 1000);
  const lateDelayUs = late(from.recentDelay.max);
  if (resets) from.recentDelay.reset();
  return {
    atUs: from.nowUs(),
    cpuUs: user + system,
    loop: { idle, active },
    rssBytes: from.rssBytes(),
    gcUs: from.gcUs(),
    runDelayUs: from.runDelayUs(),
    loopDelayP99Us: late(from.loopDelay.percentile(99)),
    loopDelayMaxUs: late(from.loopDelay.max),
    lateDelayUs,
  };
}

const thisProcess: UsageSources = {
  nowUs,
  cpuUsage: () => process.cpuUsage(),
  loopUsage: () => performance.eventLoopUtilization(),
  rssBytes: () => process.memoryUsage.rss(),
  gcUs: () => gcUs,
  runDelayUs,
  loopDelay,
  recentDelay,
};

/** The counters of this process. With `resets` the next largest recent delay counts from now. */
export function processUsage(resets = true): ProcessUsage {
  return readUsage(thisProcess, resets);
}

/**
 * The counters of another program, by its process group; undefined if the system does not report them. `proc` is the
 * kernel's folder, for tests.
 */
export function processGroupUsage(group: number, proc?: string): ProcessUsage | undefined {
  return usageOfProgram(readGroupUsage(group, proc));
}

/** The same of a process and its descendants. */
export function processTreeUsage(pid: number, proc?: string): ProcessUsage | undefined {
  return usageOfProgram(readTreeUsage(pid, proc));
}

function usageOfProgram(usage: Pick<ProcessUsage, "cpuUs" | "rssBytes"> | undefined): ProcessUsage | undefined {
  return (
    usage && {
      atUs: nowUs(),
      ...usage,
      loop: { idle: NaN, active: NaN },
      gcUs: NaN,
      runDelayUs: undefined,
      loopDelayP99Us: NaN,
      loopDelayMaxUs: NaN,
      lateDelayUs: NaN,
    }
  );
}

/** T0, every whole second after T0, and T1, in microseconds. */
export function secondBoundaries(t0Us: number, t1Us: number): number[] {
  const seconds = Math.ceil((t1Us - t0Us) / 1e6);
  return [...Array.from({ length: seconds }, (_, second) => t0Us + second * 1e6), t1Us];
}

/** A time in the window at which servers and workers are read. T0 and T1 are both: the edge of a second, and of a slice. */
export interface WindowEdge {
  timeUs: number;
  /** True at the edges of the seconds of the timeline. */
  second: boolean;
  /** True at the edges of the slices that tell whether the servers' cost changed: the traffic of the servers is read, too. */
  slice: boolean;
  /** True where the CPU time of the machine is read, too: at T0 and T1 where workers are on other machines. */
  machine?: true;
}

/** The edges of the seconds and of `slices` equal slices of the window, in order. */
export function windowEdges(t0Us: number, t1Us: number, slices: number): WindowEdge[] {
  const seconds = new Set(secondBoundaries(t0Us, t1Us));
  const ofSlices = new Set(
    Array.from({ length: slices + 1 }, (_, i) =>
      i === slices ? t1Us : Math.round(t0Us + (i * (t1Us - t0Us)) / slices),
    ),
  );
  return [...new Set([...seconds, ...ofSlices])]
    .toSorted((one, other) => one - other)
    .map((timeUs) => ({ timeUs, second: seconds.has(timeUs), slice: ofSlices.has(timeUs) }));
}

/** The same edges, with a reading of the machine at the first and the last. */
export function withMachine(edges: readonly WindowEdge[]): WindowEdge[] {
  return edges.map((edge, i) => (i === 0 || i === edges.length - 1 ? { ...edge, machine: true } : edge));
}

/**
 * Takes a snapshot at each of these times, by this process's own timer. The delay of the event loop counts from the
 * first one. Tests pass their own clock and delay.
 */
export async function snapshotsAt<E extends { timeUs: number }, S>(
  edges: readonly E[],
  snapshot: (edge: E) => S,
  clock: Clock = realClock,
  delay: Pick<IntervalHistogram, "reset"> = loopDelay,
): Promise<S[]> {
  const snapshots: S[] = [];
  for (const edge of edges) {
    await sleepUntil(edge.timeUs, clock);
    snapshots.push(snapshot(edge));
    if (snapshots.length === 1) delay.reset();
  }
  return snapshots;
}
