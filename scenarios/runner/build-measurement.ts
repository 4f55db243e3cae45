import { cpus } from "node:os";
import { mergeHistograms, type Histogram } from "../../results/statistics/histogram.ts";
import type { ProcessLoad, Measurement, PacketCounts, DeliveryTally } from "../../results/model/measurement.ts";
import type { Traffic } from "../contract.ts";
import {
  cpuPerDelivery,
  isIdle,
  loadBetween,
  loadsBetween,
  rssBytes,
  memoryPerClient,
  type ServerSnapshot,
} from "./server-snapshot.ts";
import type { IdleCycles } from "../definitions/trial-options.ts";
import type { SendCounts } from "../load/sender.ts";
import type { ConnectResult, WindowResult, SessionCounts } from "../load/virtual-clients.ts";
import type { Histograms } from "../load/recorder.ts";
import type { MemoryGrowth } from "../load/server-process.ts";
import { sortedDelivered, perSecond, mergeLargest } from "./per-second.ts";
import { subtractTraffic } from "../lib/traffic-counters.ts";
import { firstMiddleLast } from "../system/process-usage.ts";

/** The clients that were stopped: how many there were, how many of them the server has dropped, and what they have had. */
export interface PausedClients {
  clients: number;
  dropped: number;
  tally: DeliveryTally;
}

/** What the processes of a trial have reported. */
export interface ProcessReports {
  /** Whether clients ask for messages again and again. */
  asks: boolean;
  /** When each measured message was due, from T0. */
  dueUs: Float64Array;
  /**
   * Before the first client, when all were connected unless something else had gone on by then, at each edge of the window's seconds, and
   * after the drain. Where messages are visits, also before the first.
   */
  servers: {
    rest: ServerSnapshot;
    connected: ServerSnapshot | undefined;
    begun: ServerSnapshot;
    window: readonly ServerSnapshot[];
    end: ServerSnapshot;
  };
  growth: readonly MemoryGrowth[];
  connected: readonly ConnectResult[];
  warmupUs: number;
  /** Of each worker, and of each hub. */
  played: readonly WindowResult[];
  said: readonly SendCounts[];
  tally: DeliveryTally;
  /** Of each worker, and of each hub that takes part itself. */
  values: readonly Histograms[];
  heard: readonly Histograms[];
  /** Whether the server sends, and whether only one side may at a time. */
  hubSpeaks: boolean;
  turns: boolean;
  /** Where nobody sends: its cycles, the servers between two of them before the window, if that ever was, and just after the window. */
  idle: (IdleCycles & { before: ServerSnapshot | undefined; after: ServerSnapshot | undefined }) | undefined;
  /** Where clients were stopped: then the last worker played these, and what it measured is left out. */
  slow: PausedClients | undefined;
  /** Whether worker 0 played only senders and observers. */
  quiet: boolean;
  /** Whether the kernel's counters are of this trial alone. */
  isolated: boolean;
}

/** Merges the reports into one measurement. Pure, but for reading the number of cores. */
export function buildMeasurement(reports: ProcessReports): Measurement {
  const { asks, dueUs, warmupUs, played, said, tally, quiet, servers, growth, isolated, idle, slow } = reports;
  const sessions = played.flatMap((each) => each.sessions ?? []);
  const connected = sessions.length > 0 ? sessions.map(({ connecting }) => connecting) : reports.connected;
  const [awake, values] = slow ? [played.slice(0, -1), reports.values.slice(0, -1)] : [played, reports.values];
  const [first, middle, last] = firstMiddleLast(servers.window.length).map((edge) => servers.window[edge]!) as [
    ServerSnapshot,
    ServerSnapshot,
    ServerSnapshot,
  ];
  const all = [...values, ...reports.heard];
  const merged = (name: Exclude<keyof Histograms, "largestLatencyUs">, of: readonly Histograms[] = all): Histogram =>
    mergeHistograms(of.map((each) => each[name]));
  const serverLoads = loadsBetween(first, last);
  const workers = awake.map(({ usage }) => loadBetween(usage[0]!, usage.at(-1)!));
  const slowestUs = mergeLargest(all.map((each) => each.largestLatencyUs));
  return {
    connect: merged("connect", reports.values),
    connectingUs: Math.max(...connected.map(({ toUs }) => toUs)) - Math.min(...connected.map(({ fromUs }) => fromUs)),
    connectBytes: servers.connected?.traffic && setUpBytes(servers.connected.traffic, asks),
    visits: sessions.length > 0 ? together(sessions, servers) : undefined,
    warmupUs,
    idle: idle && { ...idle, quiet: isIdle(idle.before, first) && isIdle(last, idle.after) },
    planned: dueUs.length,
    sent: [...played, ...said].reduce((sum, { sent }) => sum + sent, 0),
    expected: [...played, ...said].reduce((sum, { expected }) => sum + expected, 0),
    ...tally,
    delivered: tally.delivered - (slow?.tally.delivered ?? 0),
    windowDeliveries: tally.windowDeliveries - (slow?.tally.windowDeliveries ?? 0),
    slow: slow && {
      clients: slow.clients,
      dropped: slow.dropped,
      expected: [...played, ...said].reduce((sum, { pausedExpected }) => sum + pausedExpected, 0),
      delivered: slow.tally.delivered,
    },
    latency: merged("latency"),
    service: merged("service"),
    sendLag: merged("sendLag"),
    slowestUs: sortedDelivered(slowestUs),
    apart: quiet ? apart(merged("latency", values.slice(0, 1)), merged("latency", values.slice(1))) : undefined,
    hubSpeaks: reports.hubSpeaks,
    turns: reports.turns,
    heard: last.received - first.received,
    traffic: first.traffic && last.traffic && subtractTraffic(last.traffic, first.traffic),
    packets: isolated ? packetsBetween(first, last) : undefined,
    listenOverflows: servers.end.net && servers.end.net.listenOverflows - (servers.rest.net?.listenOverflows ?? 0),
    queueDrops: servers.end.net && servers.end.net.netdevBacklogDrops - (servers.rest.net?.netdevBacklogDrops ?? 0),
    servers: serverLoads,
    halvesCpuUs: halves(first, middle, last),
    rssRestBytes: rssBytes(servers.rest),
    rssPerClientBytes: sessions.length > 0 ? undefined : memoryPerClient(growth),
    rssMiddleBytes: rssBytes(middle),
    workers,
    seconds: perSecond(servers.window, awake, dueUs, slowestUs),
    foreignCpuPercent: foreign(first, last, [...serverLoads, ...workers]),
    cores: cpus().length,
  };
}

/** The visits of all workers, each of which had a scout, and what passed from before the first to after the last. */
function together(
  sessions: readonly SessionCounts[],
  { begun, end }: ProcessReports["servers"],
): Measurement["visits"] {
  const failures = new Map<string, number>();
  for (const each of sessions)
    for (const [what, times] of each.failures) failures.set(what, (failures.get(what) ?? 0) + times);
  return {
    scouts: sessions.length,
    traffic: begun.traffic && end.traffic && subtractTraffic(end.traffic, begun.traffic),
    waited: sessions.reduce((sum, { delayed }) => sum + delayed, 0),
    troubles: failures,
  };
}

function halves(first: ServerSnapshot, middle: ServerSnapshot, last: ServerSnapshot): Measurement["halvesCpuUs"] {
  const [one, other] = [cpuPerDelivery(first, middle), cpuPerDelivery(middle, last)];
  return one === undefined || other === undefined ? undefined : [one, other];
}

/** The medians of the quiet worker and of the crowd; undefined where not both heard something. */
function apart(observers: Histogram, crowd: Histogram): Measurement["apart"] {
  if (observers.totalCount === 0 || crowd.totalCount === 0) return undefined;
  return { observersP50Us: observers.getValueAtPercentile(50), crowdP50Us: crowd.getValueAtPercentile(50) };
}

/** What passed until the links were ready. A polling client's first asks do not belong to it; undefined where they cannot be told apart. */
function setUpBytes({ wire: { up, down, duplex } }: Traffic, asks: boolean): Measurement["connectBytes"] {
  if (asks) return up.in > 0 ? up : undefined;
  return { in: up.in + down.in + duplex.in, out: up.out + down.out + duplex.out };
}

/** The machine's counter is read by the first server. Where the servers' own share is not known, nor is what remains. */
function foreign(first: ServerSnapshot, last: ServerSnapshot, ours: readonly ProcessLoad[]): number | undefined {
  const [from, to] = [first.usages[0]?.atUs, last.usages[0]?.atUs];
  if (first.machineBusyUs === undefined || last.machineBusyUs === undefined) return undefined;
  if (from === undefined || to === undefined) return undefined;
  const spanUs = to - from;
  const busyPercent = (100 * (last.machineBusyUs - first.machineBusyUs)) / spanUs;
  return Math.max(0, busyPercent - ours.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0));
}

function packetsBetween({ net: first }: ServerSnapshot, { net: last }: ServerSnapshot): PacketCounts | undefined {
  return (
    first &&
    last && {
      segments: last.segments - first.segments,
      retransmissions: last.retransmissions - first.retransmissions,
      octets: last.octets - first.octets,
    }
  );
}
