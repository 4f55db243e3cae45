import type { ProcessLoad, SliceCost } from "../../results/model/measurement.ts";
import type { Traffic } from "../contract.ts";
import type { MemoryGrowth, ServerState } from "../load/server-process.ts";
import { addTraffic } from "../lib/traffic-counters.ts";
import type { ProcessUsage } from "../system/process-usage.ts";

/** All server processes of a trial at a moment: connected clients and traffic of all, and the usage of each process. */
export interface ServerSnapshot extends Omit<ServerState, "usage"> {
  /** Empty where they are not known: a server that the harness did not start is not asked. */
  usages: readonly ProcessUsage[];
  /** Where `traffic` was counted. Undefined if nowhere. */
  bytesCountedAt?: "server" | "clients";
  /** Traffic that the clients have counted. Undefined where they were not asked or do not know. */
  clientTraffic?: Traffic | undefined;
}

/**
 * One snapshot from the states of all servers. Clients and traffic are sums; undefined where one server does not know
 * its own, or where the harness started none. The counters of kernel and machine are the same for all, so the first
 * server's are taken. `atClients` is the traffic of each worker, which stands in if no server counts.
 */
export function combineSnapshots(
  states: readonly ServerState[],
  atClients: readonly (Traffic | undefined)[] = [],
): ServerSnapshot {
  const usages = known(states, ({ usage }) => usage);
  const atServers = known(states, ({ traffic }) => traffic);
  const ofClients = known(atClients, (traffic) => traffic);
  const traffics = atServers ?? ofClients;
  const presents = known(states, ({ connectedClients }) => connectedClients);
  return {
    usages: usages ?? [],
    traffic: sumOfTraffic(traffics),
    ...(ofClients && { clientTraffic: sumOfTraffic(ofClients) }),
    ...(traffics && { bytesCountedAt: atServers ? "server" : "clients" }),
    connectedClients: presents?.reduce((sum, each) => sum + each),
    received: states.reduce((sum, { received }) => sum + received, 0),
    net: states[0]?.net,
    machineBusyUs: states[0]?.machineBusyUs,
  };
}

function sumOfTraffic(traffics: readonly Traffic[] | undefined): Traffic | undefined {
  return traffics?.reduce((sum, each) => addTraffic(sum, each, 1));
}

/** A value of every process. Undefined where one is unknown, or without a process. */
function known<S, T>(states: readonly S[], of: (state: S) => T | undefined): T[] | undefined {
  const values = states.map(of).filter((value) => value !== undefined);
  return values.length > 0 && values.length === states.length ? values : undefined;
}

/** Load of each server between two snapshots. */
export function loadsBetween(first: ServerSnapshot, last: ServerSnapshot): ProcessLoad[] {
  return first.usages.map((usage, server) => loadBetween(usage, last.usages[server]!));
}

/** Load of a process between two readings of its usage. */
export function loadBetween(first: ProcessUsage, last: ProcessUsage): ProcessLoad {
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
    cpuWaitPercent:
      last.runDelayUs === undefined ? undefined : (100 * (last.runDelayUs - (first.runDelayUs ?? 0))) / spanUs,
  };
}

/**
 * CPU time of the servers per delivery between two snapshots. Undefined without a delivery, or where either is unknown.
 */
export function cpuPerDelivery(first: ServerSnapshot, last: ServerSnapshot): number | undefined {
  const cost = costBetween(first, last);
  return cost && cost.deliveries > 0 ? cost.cpuUs / cost.deliveries : undefined;
}

/** CPU time and deliveries of the servers between two snapshots. Undefined where the CPU time is unknown. */
export function costBetween(first: ServerSnapshot, last: ServerSnapshot): Omit<SliceCost, "clientCpuUs"> | undefined {
  const out = (last.traffic?.payloadsOut ?? 0) - (first.traffic?.payloadsOut ?? 0);
  const cpuUs = sumOf(loadsBetween(first, last), (load) => load.cpuUs);
  return cpuUs === undefined ? undefined : { cpuUs, deliveries: out + last.received - first.received };
}

/** True where it is known that no byte passed the counted sockets between two snapshots. */
export function isIdle(before: ServerSnapshot | undefined, after: ServerSnapshot | undefined): boolean {
  return !!before?.traffic && JSON.stringify(before.traffic.wire) === JSON.stringify(after?.traffic?.wire);
}

/** Resident memory of all servers. Undefined where it is unknown. */
export function rssBytes({ usages }: ServerSnapshot): number | undefined {
  return sumOf(usages, (usage) => usage.rssBytes);
}

/** A sum over processes. Undefined without a process. */
export function sumOf<T>(processes: readonly T[], of: (process: T) => number): number | undefined {
  return processes.length > 0 ? processes.reduce((sum, each) => sum + of(each), 0) : undefined;
}

/**
 * Growth of memory per client: the common least-squares slope of all processes, whatever each began with. Undefined
 * where no process has enough points to tell growth from chance.
 */
export function memoryPerClient(processes: readonly MemoryGrowth[]): number | undefined {
  let [products, squares] = [0, 0];
  for (const points of processes.filter(({ length }) => length >= 4)) {
    const mean = (of: (point: MemoryGrowth[number]) => number): number =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length;
    const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
    for (const [x, y] of points) {
      products += (x - meanX) * (y - meanY);
      squares += (x - meanX) ** 2;
    }
  }
  return squares > 0 ? products / squares : undefined;
}
