import type { Load } from "../results/measurement.ts";
import type { Growth, ServerState } from "./server.ts";
import { plus } from "./traffic.ts";
import type { Usage } from "./usage.ts";

/** A moment of all server processes of a trial: who is there and what has passed in all, and what each process has used. */
export interface Moment extends Omit<ServerState, "usage"> {
  usages: readonly Usage[];
}

/**
 * One moment from what each server said of it. Clients and traffic are sums, the traffic undefined where one of them does not know its own.
 * The counters of the kernel and the machine are the same for all, so the first server's stand for them.
 */
export function together(states: readonly ServerState[]): Moment {
  const traffics = states.map(({ traffic }) => traffic);
  return {
    usages: states.map(({ usage }) => usage),
    traffic: traffics.reduce((sum, each) => sum && each && plus(sum, each, 1)),
    present: states.reduce((sum, { present }) => sum + present, 0),
    heard: states.reduce((sum, { heard }) => sum + heard, 0),
    net: states[0]!.net,
    machineBusyUs: states[0]!.machineBusyUs,
  };
}

/** What each server used between two moments. */
export function loadsBetween(first: Moment, last: Moment): Load[] {
  return first.usages.map((usage, server) => loadBetween(usage, last.usages[server]!));
}

/** What a process used between two of its moments. */
export function loadBetween(first: Usage, last: Usage): Load {
  const spanUs = last.atUs - first.atUs;
  const active = last.loop.active - first.loop.active;
  const idle = last.loop.idle - first.loop.idle;
  const cpuUs = last.cpuUs - first.cpuUs;
  return {
    cpuUs,
    cpuPercent: (100 * cpuUs) / spanUs,
    elu: active / (active + idle),
    rssBytes: last.rssBytes,
    gcUs: last.gcUs - first.gcUs,
    loopDelayP99Us: last.loopDelayP99Us,
    loopDelayMaxUs: last.loopDelayMaxUs,
    runDelayPercent:
      last.runDelayUs === undefined ? undefined : (100 * (last.runDelayUs - (first.runDelayUs ?? 0))) / spanUs,
  };
}

/** CPU time of the servers per delivery between two moments; undefined where nothing was delivered. */
export function cpuPerDelivery(first: Moment, last: Moment): number | undefined {
  const out = (last.traffic?.payloadsOut ?? 0) - (first.traffic?.payloadsOut ?? 0);
  const deliveries = out + last.heard - first.heard;
  const cpuUs = loadsBetween(first, last).reduce((sum, load) => sum + load.cpuUs, 0);
  return deliveries > 0 ? cpuUs / deliveries : undefined;
}

/** Whether nothing passed the servers' sockets between two moments. */
export function isQuiet(before: Moment | undefined, after: Moment | undefined): boolean {
  return !!before && !!after && JSON.stringify(before.traffic?.wire) === JSON.stringify(after.traffic?.wire);
}

/** Resident memory of all servers. */
export function rssBytes({ usages }: Moment): number {
  return usages.reduce((sum, usage) => sum + usage.rssBytes, 0);
}

/**
 * The least-squares slope that several processes have in common, whatever each began with; undefined where none has points enough to tell
 * growth from chance.
 */
export function slope(processes: readonly Growth[]): number | undefined {
  let [products, squares] = [0, 0];
  for (const points of processes.filter(({ length }) => length >= 4)) {
    const mean = (of: (point: Growth[number]) => number): number =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length;
    const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
    for (const [x, y] of points) {
      products += (x - meanX) * (y - meanY);
      squares += (x - meanX) ** 2;
    }
  }
  return squares > 0 ? products / squares : undefined;
}
