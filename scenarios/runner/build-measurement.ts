import { cpus } from "node:os";
import { merge, type Histogram } from "../../results/statistics/histogram.ts";
import type { Load, Measurement, Packets } from "../../results/model/measurement.ts";
import type { Traffic } from "../contract.ts";
import type { Tally } from "../load/delivery-ledger.ts";
import { cpuPerDelivery, isQuiet, loadBetween, loadsBetween, rssBytes, slope, type Moment } from "./server-snapshot.ts";
import type { IdleCycles } from "../definitions/trial-options.ts";
import type { Sent } from "../load/sender.ts";
import type { Connected, Played, Visits } from "../load/virtual-clients.ts";
import type { Values } from "../load/recorder.ts";
import type { Growth } from "../load/server-process.ts";
import { ascending, seconds, slowest } from "./per-second.ts";
import { difference } from "../lib/traffic-counters.ts";
import { threeOf } from "../system/process-usage.ts";

/** The clients that were stopped: how many there were, how many of them the server has dropped, and what they have had. */
export interface SlowOnes {
  clients: number;
  dropped: number;
  tally: Tally;
}

/** What the processes of a trial have reported. */
export interface Reports {
  /** Whether clients ask for messages again and again. */
  asks: boolean;
  /** When each measured message was due, from T0. */
  dueUs: Float64Array;
  /**
   * Before the first client, when all were connected unless something else had gone on by then, at each edge of the window's seconds, and
   * after the drain. Where messages are visits, also before the first.
   */
  servers: {
    rest: Moment;
    connected: Moment | undefined;
    begun: Moment;
    window: readonly Moment[];
    end: Moment;
  };
  growth: readonly Growth[];
  connected: readonly Connected[];
  warmupUs: number;
  /** Of each worker, and of each hub. */
  played: readonly Played[];
  said: readonly Sent[];
  tally: Tally;
  /** Of each worker, and of each hub that takes part itself. */
  values: readonly Values[];
  heard: readonly Values[];
  /** Whether the hub speaks, and whether only one side may at a time. */
  hubSpeaks: boolean;
  turns: boolean;
  /** Where nobody sends: its cycles, the servers between two of them before the window, if that ever was, and just after the window. */
  idle: (IdleCycles & { before: Moment | undefined; after: Moment | undefined }) | undefined;
  /** Where clients were stopped: then the last worker played these, and what it measured is left out. */
  slow: SlowOnes | undefined;
  /** Whether worker 0 played only senders and observers. */
  quiet: boolean;
  /** Whether the kernel's counters are of this trial alone. */
  isolated: boolean;
}

/** Merges the reports into one measurement. Pure, but for reading the number of cores. */
export function gather(reports: Reports): Measurement {
  const { asks, dueUs, warmupUs, played, said, tally, quiet, servers, growth, isolated, idle, slow } = reports;
  const visits = played.flatMap((each) => each.visits ?? []);
  const connected = visits.length > 0 ? visits.map(({ connecting }) => connecting) : reports.connected;
  const [awake, values] = slow ? [played.slice(0, -1), reports.values.slice(0, -1)] : [played, reports.values];
  const [first, middle, last] = threeOf(servers.window.length).map((edge) => servers.window[edge]!) as [
    Moment,
    Moment,
    Moment,
  ];
  const all = [...values, ...reports.heard];
  const merged = (name: Exclude<keyof Values, "slowest">, of: readonly Values[] = all): Histogram =>
    merge(of.map((each) => each[name]));
  const serverLoads = loadsBetween(first, last);
  const workers = awake.map(({ usage }) => loadBetween(usage[0]!, usage.at(-1)!));
  const slowestUs = slowest(all.map((each) => each.slowest));
  return {
    connect: merged("connect", reports.values),
    connectingUs: Math.max(...connected.map(({ toUs }) => toUs)) - Math.min(...connected.map(({ fromUs }) => fromUs)),
    connectBytes: servers.connected?.traffic && setUpBytes(servers.connected.traffic, asks),
    visits: visits.length > 0 ? together(visits, servers) : undefined,
    warmupUs,
    idle: idle && { ...idle, quiet: isQuiet(idle.before, first) && isQuiet(last, idle.after) },
    planned: dueUs.length,
    sent: [...played, ...said].reduce((sum, { sent }) => sum + sent, 0),
    expected: [...played, ...said].reduce((sum, { expected }) => sum + expected, 0),
    ...tally,
    delivered: tally.delivered - (slow?.tally.delivered ?? 0),
    windowDeliveries: tally.windowDeliveries - (slow?.tally.windowDeliveries ?? 0),
    slow: slow && {
      clients: slow.clients,
      dropped: slow.dropped,
      expected: [...played, ...said].reduce((sum, { slowExpected }) => sum + slowExpected, 0),
      delivered: slow.tally.delivered,
    },
    latency: merged("latency"),
    service: merged("service"),
    sendLag: merged("sendLag"),
    slowestUs: ascending(slowestUs),
    apart: quiet ? apart(merged("latency", values.slice(0, 1)), merged("latency", values.slice(1))) : undefined,
    hubSpeaks: reports.hubSpeaks,
    turns: reports.turns,
    heard: last.heard - first.heard,
    traffic: first.traffic && last.traffic && difference(last.traffic, first.traffic),
    packets: isolated ? packetsBetween(first, last) : undefined,
    listenOverflows: servers.end.net && servers.end.net.listenOverflows - (servers.rest.net?.listenOverflows ?? 0),
    queueDrops: servers.end.net && servers.end.net.queueDrops - (servers.rest.net?.queueDrops ?? 0),
    servers: serverLoads,
    halvesCpuUs: halves(first, middle, last),
    rssRestBytes: rssBytes(servers.rest),
    rssPerClientBytes: visits.length > 0 ? undefined : slope(growth),
    rssMiddleBytes: rssBytes(middle),
    workers,
    seconds: seconds(servers.window, awake, dueUs, slowestUs),
    foreignCpuPercent: foreign(first, last, [...serverLoads, ...workers]),
    cores: cpus().length,
  };
}

/** The visits of all workers, each of which had a scout, and what passed from before the first to after the last. */
function together(visits: readonly Visits[], { begun, end }: Reports["servers"]): Measurement["visits"] {
  const troubles = new Map<string, number>();
  for (const each of visits)
    for (const [what, times] of each.troubles) troubles.set(what, (troubles.get(what) ?? 0) + times);
  return {
    scouts: visits.length,
    traffic: begun.traffic && end.traffic && difference(end.traffic, begun.traffic),
    waited: visits.reduce((sum, { waited }) => sum + waited, 0),
    troubles,
  };
}

function halves(first: Moment, middle: Moment, last: Moment): Measurement["halvesCpuUs"] {
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
function foreign(first: Moment, last: Moment, ours: readonly Load[]): number | undefined {
  const [from, to] = [first.usages[0]?.atUs, last.usages[0]?.atUs];
  if (first.machineBusyUs === undefined || last.machineBusyUs === undefined) return undefined;
  if (from === undefined || to === undefined) return undefined;
  const spanUs = to - from;
  const busyPercent = (100 * (last.machineBusyUs - first.machineBusyUs)) / spanUs;
  return Math.max(0, busyPercent - ours.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0));
}

function packetsBetween({ net: first }: Moment, { net: last }: Moment): Packets | undefined {
  return (
    first &&
    last && {
      segments: last.segments - first.segments,
      retransmissions: last.retransmissions - first.retransmissions,
      octets: last.octets - first.octets,
    }
  );
}
