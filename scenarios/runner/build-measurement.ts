import { availableCores } from "../../results/model/cores.ts";
import type {
  ClockMeasurement,
  DeliveryTally,
  FaultMeasurement,
  IdleMeasurement,
  LatencyMeasurement,
  Measurement,
  PacketCounts,
  ProxyMeasurement,
  SessionMeasurement,
  SliceCost,
} from "../../results/model/measurement.ts";
import { mergeHistograms, type Histogram } from "../../results/statistics/histogram.ts";
import type { Traffic } from "../contract.ts";
import { subtractTraffic, bytesOfAllRoles } from "../lib/traffic-counters.ts";
import type { MissingDeliveries } from "../load/missing-deliveries.ts";
import type { Histograms } from "../load/recorder.ts";
import type { SendCounts } from "../load/sender.ts";
import type { MemoryGrowth } from "../load/server-process.ts";
import type { ConnectResult, WindowResult } from "../load/virtual-clients.ts";
import type { ProcessUsage } from "../system/process-usage.ts";
import type { PathState } from "../system/trial-network.ts";
import type { ExpectedDeliveries } from "../workload/expected-deliveries.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import type { ProxyUsage } from "../proxies/start-proxy.ts";
import { isAffected } from "../workload/worker-share.ts";
import type { AgentHost } from "../hosts/agent-host.ts";
import { loadOfMachines, type PlacedProcess } from "./host-loads.ts";
import type { AgentTrialHosts } from "./trial-hosts.ts";
import { measureFault, type FaultReports } from "./fault-report.ts";
import { isEchoed, latencyClaim, type ClockReport } from "./latency-claim.ts";
import { measureGone } from "./measure-gone.ts";
import { measureNetwork, type NetworkReports } from "./network-check.ts";
import { mergeLargest, perSecond, sortedDelivered } from "./per-second.ts";
import {
  costBetween,
  isIdle,
  loadBetween,
  loadsBetween,
  memoryPerClient,
  rssBytes,
  type ServerSnapshot,
} from "./server-snapshot.ts";
import type { TrialPlan } from "./trial-plan.ts";

/** The clients that were paused: their number, how many of them the server disconnected, and their deliveries. */
export interface PausedClients {
  clients: number;
  dropped: number;
  tally: DeliveryTally;
}

/** Reports of the processes of a trial, phase by phase. Snapshots are of all servers at a moment. */
export interface ProcessReports {
  plan: Pick<TrialPlan, "target" | "dueUs" | "polls" | "idle" | "settings" | "reliable" | "fault"> & {
    assignment: Pick<
      TrialPlan["assignment"],
      "serverSenders" | "hasSenderWorker" | "clientsByWorker" | "affectedClients"
    >;
  };
  /** The agents that had the processes. Default: all were on this machine. */
  hosts?: AgentTrialHosts | undefined;
  /** Undefined where all processes had one clock. */
  clock?: ClockReport | undefined;
  /** True where the kernel's counters are of this trial alone. */
  isolated: boolean;
  atStart: ServerSnapshot;
  connects: readonly ConnectResult[];
  /** Undefined where idle traffic had begun before the last connect. */
  afterConnect: ServerSnapshot | undefined;
  beforeLoad: ServerSnapshot;
  warmupStartUs: number;
  /** Between two cycles before the window. Undefined under load, or where traffic never paused. */
  idleBefore: ServerSnapshot | undefined;
  t0Us: number;
  window: AtEdges<ServerSnapshot>;
  /** Of each worker, in the order of `windowResults`. */
  workerUsages: readonly AtEdges<ProcessUsage>[];
  /** Just after the window. Undefined under load. */
  idleAfter: ServerSnapshot | undefined;
  /** Of each worker. The last one has the paused clients, where there are any; its own measurements are left out. */
  windowResults: readonly WindowResult[];
  /** Of each worker and each server. */
  sends: readonly SendCounts[];
  tally: DeliveryTally;
  paused: PausedClients | undefined;
  /** Clients that were refused or dropped, whenever that was. */
  gone: readonly GoneClient[];
  expected: ExpectedDeliveries;
  /** What is missing of the deliveries to clients that were not paused and to the servers. */
  missing: MissingDeliveries;
  workerHistograms: readonly Histograms[];
  /** Of servers whose application sends or receives itself. */
  serverHistograms: readonly Histograms[];
  memoryGrowth: readonly MemoryGrowth[];
  /** Undefined where nothing broke. */
  faultReports?: FaultReports | undefined;
  afterDrain: ServerSnapshot;
  /** The reverse proxy in front of the servers, with its usage at T0 and T1. Undefined without one. */
  proxy?: { version: string; usages: readonly (ProxyUsage | undefined)[] } | undefined;
  /** Round trips through the empty network, and its state. Undefined without one. */
  rttsUs?: readonly number[];
  pathAtT0?: PathState | undefined;
  pathAtT1?: PathState | undefined;
  pathAtEnd?: PathState | undefined;
}

/** What was read in the window, at the edges of its seconds and at those of its slices. In both, T0 is first and T1 last. */
export interface AtEdges<T> {
  seconds: readonly T[];
  slices: readonly T[];
}

/** Merges the reports into one measurement. Pure, except that it reads the number of cores. */
export function buildMeasurement(reports: ProcessReports): Measurement {
  const { plan, paused, workerUsages, window, workerHistograms } = reports;
  const [first, last] = [window.slices[0]!, window.slices.at(-1)!];
  const active = paused ? workerUsages.slice(0, -1) : workerUsages;
  const isApart = (worker: number): boolean =>
    (paused !== undefined && worker === workerHistograms.length - 1) || isAffected(plan.assignment, worker);
  const activeHistograms = workerHistograms.filter((_, worker) => !isApart(worker));
  const histograms = [...activeHistograms, ...reports.serverHistograms];
  const latencyOf = claimOf(reports, histograms);
  const timed = latencyOf === "all" ? histograms : latencyOf === "none" ? [] : activeHistograms.slice(0, 1);
  const largestUs = mergeLargest(timed, plan.dueUs.length);
  const serverLoads = loadsBetween(first, last);
  const workers = active.map(({ slices }) => loadBetween(slices[0]!, slices.at(-1)!));
  const sessions = sessionsOf(reports);
  const gone = measureGone(reports.gone, reports.t0Us, reports.missing.withConnections);
  const network = measureNetwork(plan.settings, networkReports(reports));
  const durationS = plan.settings.durationMs / 1000;
  const proxy = proxyOf(reports, first, last, durationS);
  const ownPercent = [...serverLoads, ...workers].reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  const pathPercent = (network?.cpuPercent || 0) + (proxy?.cpuPercent ?? 0);
  return {
    connect: connecting(reports),
    warmupUs: reports.t0Us - reports.warmupStartUs,
    delivery: deliveries(reports),
    latency: {
      latencyUs: merge(timed, "latency"),
      serviceUs: merge(timed, "service"),
      sendLagUs: merge(histograms, "sendLag"),
      largestUs: sortedDelivered(largestUs),
      observerVsReceivers:
        plan.assignment.hasSenderWorker && latencyOf === "all" ? observerVsReceivers(activeHistograms) : undefined,
      serverSends: plan.assignment.serverSenders.length > 0,
      halfDuplex: plan.settings.halfDuplexSlotMs !== undefined,
    },
    wire: {
      traffic: trafficBetween(first, last),
      countedAt: last.bytesCountedAt,
      uncut:
        sessions || last.bytesCountedAt === "clients"
          ? trafficBetween(reports.beforeLoad, reports.afterDrain)
          : undefined,
      receivedByServer: last.received - first.received,
      packets: reports.isolated ? packetsBetween(first, last) : undefined,
      ...droppedBetween(reports.atStart, reports.afterDrain),
    },
    servers: {
      loads: serverLoads,
      slices: sliceCosts(
        window.slices,
        active.map(({ slices }) => slices),
      ),
      rssBaselineBytes: rssBytes(reports.atStart),
      rssPerClientBytes: sessions ? undefined : memoryPerClient(reports.memoryGrowth),
      rssMiddleBytes: rssBytes(window.seconds[Math.floor((window.seconds.length - 1) / 2)]!),
    },
    workers,
    machine: machineOf(reports, first, last, ownPercent + pathPercent),
    seconds: perSecond(
      window.seconds,
      active.map(({ seconds }) => seconds),
      plan.dueUs,
      largestUs,
      { ...reports.expected, droppedAtS: gone.droppedAtS.filter((s) => s < durationS) },
    ),
    clock: reports.clock && { ...reports.clock, latencyOf },
    certificateUnchecked: plan.target?.addresses[0]!.tls?.insecure,
    gone,
    network,
    proxy,
    sessions,
    fault: faultOf(reports),
    idle: idleOf(reports, first, last),
  };
}

function faultOf({ plan, faultReports: reports, window, workerUsages }: ProcessReports): FaultMeasurement | undefined {
  if (!plan.fault || !reports) return undefined;
  return measureFault({
    plan: { ...plan.fault, keepsHistory: plan.settings.historyMessages !== undefined },
    reports,
    ...window,
    affectedWorkers: workerUsages
      .filter((_, worker) => isAffected(plan.assignment, worker))
      .map(({ seconds }) => seconds),
  });
}

/** What the proxy used in the window, and the bytes that its clients counted. */
function proxyOf(
  { proxy }: ProcessReports,
  first: ServerSnapshot,
  last: ServerSnapshot,
  durationS: number,
): ProxyMeasurement | undefined {
  if (!proxy) return undefined;
  const [from, to] = [proxy.usages[0], proxy.usages.at(-1)];
  const cpuUs = from && to && to.cpuUs - from.cpuUs;
  return {
    version: proxy.version,
    cpuUs,
    cpuPercent: cpuUs === undefined ? undefined : cpuUs / 1e4 / durationS,
    rssBytes: to?.rssBytes,
    clientBytes:
      first.clientTraffic &&
      last.clientTraffic &&
      bytesOfAllRoles(subtractTraffic(last.clientTraffic, first.clientTraffic)),
  };
}

function networkReports({ rttsUs, pathAtT0, pathAtT1, pathAtEnd }: ProcessReports): NetworkReports | undefined {
  if (!rttsUs || !pathAtT0 || !pathAtT1 || !pathAtEnd) return undefined;
  return { rttsUs, atT0: pathAtT0, atT1: pathAtT1, atEnd: pathAtEnd };
}

/** The cost of each slice. Empty where the CPU time of the servers is not known. */
function sliceCosts(edges: readonly ServerSnapshot[], workers: readonly (readonly ProcessUsage[])[]): SliceCost[] {
  return edges.slice(1).flatMap((end, i) => {
    const cost = costBetween(edges[i]!, end);
    return cost ? { ...cost, clientCpuUs: workers.reduce((sum, at) => sum + at[i + 1]!.cpuUs - at[i]!.cpuUs, 0) } : [];
  });
}

/** Of which deliveries the latency may be. Where the server sends or receives, the sender worker has no pairs. */
function claimOf(
  { plan: { settings, assignment }, clock }: ProcessReports,
  histograms: readonly Histograms[],
): ClockMeasurement["latencyOf"] {
  if (!clock) return "all";
  const { hasSenderWorker, serverSenders } = assignment;
  const observers = merge(hasSenderWorker ? histograms.slice(0, 1) : histograms, "latency");
  return latencyClaim({
    clock,
    observersP50Us: observers.totalCount > 0 ? observers.getValueAtPercentile(50) : NaN,
    isEcho: isEchoed(settings),
    hasSenderWorker: hasSenderWorker && serverSenders.length === 0 && settings.app === "chat",
  });
}

function merge(histograms: readonly Histograms[], name: "connect" | "latency" | "service" | "sendLag"): Histogram {
  return mergeHistograms(histograms.map((each) => each[name]));
}

/** With one connection per message, its connects are those of the sessions. */
function connecting({
  plan,
  connects,
  windowResults,
  workerHistograms,
  afterConnect,
}: ProcessReports): Measurement["connect"] {
  const ofSessions = windowResults.flatMap(({ sessions }) => (sessions ? [sessions.connecting] : []));
  const spans = ofSessions.length > 0 ? ofSessions : connects;
  return {
    timesUs: merge(workerHistograms, "connect"),
    spanUs: Math.max(...spans.map(({ toUs }) => toUs)) - Math.min(...spans.map(({ fromUs }) => fromUs)),
    bytes: afterConnect?.traffic && connectBytes(afterConnect.traffic, plan.polls),
  };
}

/**
 * Bytes until all connections were ready. A client's first polls are not among them; undefined where they cannot be
 * told apart.
 */
function connectBytes({ wire }: Traffic, polls: boolean): Measurement["connect"]["bytes"] {
  if (polls) return wire.up.in > 0 ? wire.up : undefined;
  return bytesOfAllRoles({ wire });
}

/** A message that was due at a sender that was gone is neither planned nor sent. */
function deliveries({ plan, sends, tally, paused, expected, missing }: ProcessReports): Measurement["delivery"] {
  const unplanned = expected.unplanned.length;
  return {
    ...tally,
    reliable: plan.reliable,
    firstLost: missing.first,
    planned: plan.dueUs.length - unplanned,
    sent: sends.reduce((sum, { sent }) => sum + sent, 0) - unplanned,
    expected: expected.expected,
    delivered: tally.delivered - (paused?.tally.delivered ?? 0),
    windowDeliveries: tally.windowDeliveries - (paused?.tally.windowDeliveries ?? 0),
    paused: paused && {
      clients: paused.clients,
      dropped: paused.dropped,
      expected: expected.pausedExpected,
      delivered: paused.tally.delivered,
    },
  };
}

/**
 * Percentiles of the sender worker, which has the observers, and of the other workers. Undefined where one received
 * nothing.
 */
function observerVsReceivers(histograms: readonly Histograms[]): LatencyMeasurement["observerVsReceivers"] {
  const observers = merge(histograms.slice(0, 1), "latency");
  const receivers = merge(histograms.slice(1), "latency");
  if (observers.totalCount === 0 || receivers.totalCount === 0) return undefined;
  return {
    observersP50Us: observers.getValueAtPercentile(50),
    receiversP50Us: receivers.getValueAtPercentile(50),
    observersP95Us: observers.getValueAtPercentile(95),
    receiversP95Us: receivers.getValueAtPercentile(95),
  };
}

/** Undefined without short sessions. Each worker made one first session before the load. */
function sessionsOf({ windowResults }: ProcessReports): SessionMeasurement | undefined {
  const perWorker = windowResults.flatMap(({ sessions }) => sessions ?? []);
  if (perWorker.length === 0) return undefined;
  const failures = new Map<string, number>();
  for (const each of perWorker)
    for (const [reason, times] of each.failures) failures.set(reason, (failures.get(reason) ?? 0) + times);
  return {
    firstSessions: perWorker.length,
    delayed: perWorker.reduce((sum, { delayed }) => sum + delayed, 0),
    failures,
  };
}

function idleOf(
  { plan: { idle }, idleBefore, idleAfter }: ProcessReports,
  first: ServerSnapshot,
  last: ServerSnapshot,
): IdleMeasurement | undefined {
  if (!idle) return undefined;
  const { cycles, periodMs } = idle;
  return { cycles, periodMs, aligned: isIdle(idleBefore, first) && isIdle(last, idleAfter) };
}

function trafficBetween(first: ServerSnapshot, last: ServerSnapshot): Traffic | undefined {
  return first.traffic && last.traffic && subtractTraffic(last.traffic, first.traffic);
}

function machineOf(
  reports: ProcessReports,
  first: ServerSnapshot,
  last: ServerSnapshot,
  ownPercent: number,
): Measurement["machine"] {
  if (!reports.hosts) return { otherCpuPercent: otherCpuPercent(first, last, ownPercent), cores: availableCores() };
  const hosts = loadOfMachines(placedProcesses(reports, reports.hosts, first, last));
  const others = hosts.map((each) => each.otherCpuPercent);
  return {
    otherCpuPercent: others.every((other) => other !== undefined) ? Math.max(...others) : undefined,
    cores: Math.min(...hosts.map(({ cores }) => cores)),
    hosts,
  };
}

/** Every process of the trial with its host. */
function placedProcesses(
  { workerUsages }: ProcessReports,
  { server, ofWorker, clientsOfWorker }: AgentTrialHosts,
  first: ServerSnapshot,
  last: ServerSnapshot,
): PlacedProcess[] {
  const host = ({ name, clock, clockFit, description: { limits, machine } }: AgentHost): PlacedProcess["host"] => ({
    name,
    cores: limits.cores,
    machine,
    clockErrorUs: clock.errorUs,
    ...(clockFit && { clock: { offsetUs: clock.offsetUs, ppm: clock.ppm, atUs: clock.atUs } }),
  });
  const placed = (on: AgentHost, from: ProcessUsage, to: ProcessUsage, clients: number): PlacedProcess => ({
    host: host(on),
    load: loadBetween(from, to),
    clients,
    machineBusyUs: busyBetween(from, to),
    spanUs: to.atUs - from.atUs,
  });
  const workers = workerUsages.map(({ slices }, worker) =>
    placed(ofWorker[worker]!, slices[0]!, slices.at(-1)!, clientsOfWorker[worker]!),
  );
  const ofServer = (usage: ProcessUsage, busyUs: number | undefined): ProcessUsage => ({
    ...usage,
    machineBusyUs: busyUs,
  });
  const servers = first.usages.map((usage, i) =>
    placed(server, ofServer(usage, first.machineBusyUs), ofServer(last.usages[i]!, last.machineBusyUs), 0),
  );
  return [...servers, ...workers];
}

function busyBetween({ machineBusyUs: from }: ProcessUsage, { machineBusyUs: to }: ProcessUsage): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

/** The first server reads the counter of the machine. Unknown where the share of the servers is unknown. */
function otherCpuPercent(first: ServerSnapshot, last: ServerSnapshot, ownPercent: number): number | undefined {
  const [from, to] = [first.usages[0]?.atUs, last.usages[0]?.atUs];
  if (first.machineBusyUs === undefined || last.machineBusyUs === undefined) return undefined;
  if (from === undefined || to === undefined) return undefined;
  const busyPercent = (100 * (last.machineBusyUs - first.machineBusyUs)) / (to - from);
  return Math.max(0, busyPercent - ownPercent);
}

function packetsBetween({ net: first }: ServerSnapshot, { net: last }: ServerSnapshot): PacketCounts | undefined {
  if (!first || !last) return undefined;
  return {
    segments: last.segments - first.segments,
    retransmissions: last.retransmissions - first.retransmissions,
    octets: last.octets - first.octets,
  };
}

function droppedBetween({ net: first }: ServerSnapshot, { net: last }: ServerSnapshot) {
  return {
    listenOverflows: last && last.listenOverflows - (first?.listenOverflows ?? 0),
    netdevBacklogDrops: last && last.netdevBacklogDrops - (first?.netdevBacklogDrops ?? 0),
  };
}
