import { monitorEventLoopDelay, performance, PerformanceObserver, type EventLoopUtilization } from "node:perf_hooks";
import { nowUs } from "../lib/clock.ts";
import { readGroupUsage, runDelayUs } from "./procfs.ts";
import { sleepUntil } from "../lib/pace.ts";

/** What a process has used up to a moment. NaN is what only a process of Node's knows of itself, where it is another. */
export interface ProcessUsage {
  atUs: number;
  /** User and system time. */
  cpuUs: number;
  loop: Pick<EventLoopUtilization, "idle" | "active">;
  rssBytes: number;
  /** Time spent in garbage collection. */
  gcUs: number;
  /** Time the main thread was ready to run and had no CPU; undefined where the system does not say. */
  runDelayUs: number | undefined;
  /** How late the event loop came round to a timer, since the first edge of the window: 99th percentile and largest. */
  loopDelayP99Us: number;
  loopDelayMaxUs: number;
  /** The largest since the last look. */
  lateDelayUs: number;
}

/** How often the event loop's delay is looked at, in milliseconds: Node's values include this span. */
const resolutionMs = 10;

const loopDelay = monitorEventLoopDelay({ resolution: resolutionMs });
/** The same since the last look: what was recorded cannot be taken out of the other, nor added to it. */
const lately = monitorEventLoopDelay({ resolution: resolutionMs });
let gcUs = 0;

/** Begins to watch this process's garbage collections and event loop. */
export function monitorProcess(): void {
  loopDelay.enable();
  lately.enable();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcUs += duration * 1000;
  }).observe({ entryTypes: ["gc"] });
}

/** What this process has used so far. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const { idle, active } = performance.eventLoopUtilization();
  const late = (ns: number): number => Math.max(0, ns / 1000 - resolutionMs * 1000);
  const lateDelayUs = late(lately.max);
  lately.reset();
  return {
    atUs: nowUs(),
    cpuUs: user + system,
    loop: { idle, active },
    rssBytes: process.memoryUsage.rss(),
    gcUs,
    runDelayUs: runDelayUs(),
    loopDelayP99Us: late(loopDelay.percentile(99)),
    loopDelayMaxUs: late(loopDelay.max),
    lateDelayUs,
  };
}

/** What another program has used so far, by its process group; undefined where the system does not say. */
export function processGroupUsage(group: number): ProcessUsage | undefined {
  const used = readGroupUsage(group);
  return (
    used && {
      atUs: nowUs(),
      ...used,
      loop: { idle: NaN, active: NaN },
      gcUs: NaN,
      runDelayUs: undefined,
      loopDelayP99Us: NaN,
      loopDelayMaxUs: NaN,
      lateDelayUs: NaN,
    }
  );
}

/** T0, every whole second after it, and T1. */
export function secondBoundaries(t0Us: number, t1Us: number): number[] {
  const seconds = Math.ceil((t1Us - t0Us) / 1e6);
  return [...Array.from({ length: seconds }, (_, second) => t0Us + second * 1e6), t1Us];
}

/** Of so many edges the first, the one in the middle and the last. */
export function firstMiddleLast(edges: number): [first: number, middle: number, last: number] {
  return [0, Math.floor((edges - 1) / 2), edges - 1];
}

/** Takes a snapshot at each of these times by this process's own timer; the event loop's delay is counted from the first. */
export async function snapshotsAt<S>(timesUs: readonly number[], snapshot: (edge: number) => S): Promise<S[]> {
  const taken: S[] = [];
  for (const [edge, timeUs] of timesUs.entries()) {
    await sleepUntil(timeUs);
    taken.push(snapshot(edge));
    if (taken.length === 1) loopDelay.reset();
  }
  return taken;
}
