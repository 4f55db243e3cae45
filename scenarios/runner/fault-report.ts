import type { FaultMeasurement } from "../../results/model/measurement.ts";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { bytesOfAllRoles } from "../lib/traffic-counters.ts";
import type { Attendance } from "../load/server-process.ts";
import type { WorkerFaultReport } from "../load/virtual-clients.ts";
import type { ProcessUsage } from "../system/process-usage.ts";
import { isAffected } from "../workload/worker-share.ts";
import type { FaultPlan, FaultTimes } from "./fault-run.ts";
import { loadBetween, loadsBetween, sumOf, type ServerSnapshot } from "./server-snapshot.ts";
import type { TrialPlan } from "./trial-plan.ts";
import type { TrialProcesses } from "./trial-processes.ts";

/** What the processes of a trial say about its fault. */
export interface FaultReports {
  times: FaultTimes;
  perWorker: readonly WorkerFaultReport[];
  perServer: readonly Attendance[];
}

/** Asks every process about the fault. */
export async function readFault(
  { callWorkers, callServers }: Pick<TrialProcesses, "callWorkers" | "callServers">,
  times: FaultTimes,
): Promise<FaultReports> {
  const perWorker = await callWorkers("faultReport", times.strikes);
  return { times, perWorker, perServer: await callServers("attendance", undefined) };
}

/** The workers whose clients are neither paused nor met by a fault. */
export function bystanderWorkers(
  { assignment }: Pick<TrialPlan, "assignment">,
  { workers }: Pick<TrialProcesses, "workers">,
): TrialProcesses["workers"] {
  if (assignment.pausedClients.length > 0) return workers.slice(0, -1);
  return workers.filter((_, worker) => !isAffected(assignment, worker));
}

/** Time in which connections are counted for the storm. */
const stormUs = 100_000;

/** Everything that a fault measurement is made of. Edges are those of the window's seconds and slices. */
interface FaultParts {
  plan: FaultPlan & { keepsHistory: boolean };
  reports: FaultReports;
  seconds: readonly ServerSnapshot[];
  slices: readonly ServerSnapshot[];
  /** Usage of each worker of affected clients at the edges of the seconds. */
  affectedWorkers: readonly (readonly ProcessUsage[])[];
}

/** The fault of a trial. Pure. */
export function measureFault({ plan, reports, seconds, slices, affectedWorkers }: FaultParts): FaultMeasurement {
  const { times, perWorker, perServer } = reports;
  const beginUs = times.strikes.reduce((first, each) => Math.min(first, each.beginUs), Infinity); // may be very many
  const joined = perServer.flatMap(({ joinedUs }) => joinedUs).toSorted(ascending);
  const left = perServer.flatMap(({ leftUs }) => leftUs).toSorted(ascending);
  const after = (atUs: number): boolean => atUs >= beginUs;
  const once = plan.strikes.length === 1;
  return {
    lateUs: times.lateUs,
    interruptions: perWorker.flatMap(({ interruptions }) => interruptions),
    lostWithSenders: perWorker.reduce((sum, each) => sum + each.lostWithSenders, 0),
    serverDetectUs: once
      ? left
          .filter(after)
          .slice(0, plan.strikes[0]!.clients.length)
          .map((atUs) => atUs - beginUs)
      : [],
    unsaid: perWorker.reduce((sum, { unsaid }) => sum + unsaid, 0),
    stormPerS: mostWithin(joined.filter(after), stormUs) * (1e6 / stormUs),
    serverCpuPeakPercent: peakPercent(seconds, beginUs),
    bystandersUs: mergeHistograms(perWorker.map(({ bystanders }) => bystanders).filter((each) => each !== "")),
    recoveryBytes: recoveryBytes(slices, beginUs),
    keepsHistory: plan.keepsHistory,
    generatorPeakPercent: Math.max(0, ...affectedWorkers.flatMap(percentsOf)),
  };
}

/** Shortest time that is a second: a worker that was stopped reads several edges at once. */
const leastSecondUs = 500_000;

/** CPU of a worker in each second, in percent of one core. */
function percentsOf(edges: readonly ProcessUsage[]): number[] {
  return edges
    .slice(1)
    .flatMap((end, i) => (end.atUs - edges[i]!.atUs < leastSecondUs ? [] : loadBetween(edges[i]!, end).cpuPercent));
}

const ascending = (one: number, other: number): number => one - other;

/** Most of these ascending times within a span. */
export function mostWithin(times: readonly number[], spanUs: number): number {
  let [most, from] = [0, 0];
  for (let to = 0; to < times.length; to++) {
    while (times[to]! - times[from]! >= spanUs) from++;
    most = Math.max(most, to + 1 - from);
  }
  return most;
}

/** The largest CPU of the servers in a second that ends after `fromUs`. */
function peakPercent(edges: readonly ServerSnapshot[], fromUs: number): number | undefined {
  const peaks = edges.slice(1).flatMap((end, i) => {
    const atUs = end.usages[0]?.atUs;
    if (atUs === undefined || atUs < fromUs) return [];
    return sumOf(loadsBetween(edges[i]!, end), ({ cpuPercent }) => cpuPercent) ?? [];
  });
  return peaks.length > 0 ? Math.max(...peaks) : undefined;
}

/**
 * Bytes of the slices from the fault on, less those that so many deliveries took before it. Undefined where nothing was
 * delivered before.
 */
function recoveryBytes(edges: readonly ServerSnapshot[], fromUs: number): number | undefined {
  const total = ({ traffic }: ServerSnapshot): number | undefined => {
    if (!traffic) return undefined;
    const bytes = bytesOfAllRoles(traffic);
    return bytes.in + bytes.out;
  };
  const first = edges[0];
  const last = edges.at(-1);
  const atFault = edges.findLast(({ usages }) => (usages[0]?.atUs ?? Infinity) <= fromUs);
  if (!first?.traffic || !last?.traffic || !atFault?.traffic) return undefined;
  const [firstBytes, faultBytes, lastBytes] = [total(first)!, total(atFault)!, total(last)!];
  const deliveredBefore = atFault.traffic.payloadsOut - first.traffic.payloadsOut;
  if (deliveredBefore <= 0) return undefined;
  const perDelivery = (faultBytes - firstBytes) / deliveredBefore;
  return Math.round(lastBytes - faultBytes - (last.traffic.payloadsOut - atFault.traffic.payloadsOut) * perDelivery);
}
