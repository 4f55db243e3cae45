import { cpus } from "node:os";
import { merge, type Histogram } from "../results/histogram.ts";
import type { Load, Measurement, Packets } from "../results/measurement.ts";
import type { Traffic } from "./contract.ts";
import type { Tally } from "./ledger.ts";
import { cpuPerDelivery, isQuiet, loadBetween, loadsBetween, rssBytes, slope, type Moment } from "./moments.ts";
import type { IdleCycles } from "./options.ts";
import type { Connected, Played, Values } from "./player.ts";
import type { Growth } from "./server.ts";
import { ascending, seconds, slowest } from "./seconds.ts";
import { difference } from "./traffic.ts";
import { threeOf } from "./usage.ts";

/** What the processes of a trial have reported. */
export interface Reports {
  /** Whether clients ask for messages again and again. */
  asks: boolean;
  /** When each measured message was due, from T0. */
  dueUs: Float64Array;
  /**
   * Before the first client, when all were connected unless something else had gone on by then, at each edge of the window's seconds, and
   * after the drain.
   */
  servers: { rest: Moment; connected: Moment | undefined; window: readonly Moment[]; end: Moment };
  growth: readonly Growth[];
  connected: readonly Connected[];
  warmupUs: number;
  played: readonly Played[];
  tally: Tally;
  values: readonly Values[];
  /** Where nobody sends: its cycles, the servers between two of them before the window, if that ever was, and just after the window. */
  idle: (IdleCycles & { before: Moment | undefined; after: Moment | undefined }) | undefined;
  /** Whether worker 0 played only senders and observers. */
  quiet: boolean;
  /** Whether the kernel's counters are of this trial alone. */
  isolated: boolean;
}

/** Merges the reports into one measurement. Pure, but for reading the number of cores. */
export function gather(reports: Reports): Measurement {
  const { asks, dueUs, connected, warmupUs, played, tally, values, quiet, servers, growth, isolated, idle } = reports;
  const [first, middle, last] = threeOf(servers.window.length).map((edge) => servers.window[edge]!) as [
    Moment,
    Moment,
    Moment,
  ];
  const merged = (name: Exclude<keyof Values, "slowest">, of = values): Histogram =>
    merge(of.map((each) => each[name]));
  const serverLoads = loadsBetween(first, last);
  const workers = played.map(({ usage }) => loadBetween(usage[0]!, usage.at(-1)!));
  const slowestUs = slowest(values.map((each) => each.slowest));
  return {
    connect: merged("connect"),
    connectingUs: Math.max(...connected.map(({ toUs }) => toUs)) - Math.min(...connected.map(({ fromUs }) => fromUs)),
    connectBytes: servers.connected?.traffic && setUpBytes(servers.connected.traffic, asks),
    warmupUs,
    idle: idle && { ...idle, quiet: isQuiet(idle.before, first) && isQuiet(last, idle.after) },
    planned: dueUs.length,
    sent: played.reduce((sum, { sent }) => sum + sent, 0),
    expected: played.reduce((sum, { expected }) => sum + expected, 0),
    ...tally,
    latency: merged("latency"),
    service: merged("service"),
    sendLag: merged("sendLag"),
    slowestUs: ascending(slowestUs),
    apart: quiet
      ? {
          observersP50Us: merged("latency", values.slice(0, 1)).getValueAtPercentile(50),
          crowdP50Us: merged("latency", values.slice(1)).getValueAtPercentile(50),
        }
      : undefined,
    traffic: first.traffic && last.traffic && difference(last.traffic, first.traffic),
    packets: isolated ? packetsBetween(first, last) : undefined,
    listenOverflows: servers.end.net && servers.end.net.listenOverflows - (servers.rest.net?.listenOverflows ?? 0),
    queueDrops: servers.end.net && servers.end.net.queueDrops - (servers.rest.net?.queueDrops ?? 0),
    servers: serverLoads,
    halvesCpuUs: halves(first, middle, last),
    rssRestBytes: rssBytes(servers.rest),
    rssPerClientBytes: slope(growth),
    rssMiddleBytes: rssBytes(middle),
    workers,
    seconds: seconds(servers.window, played, dueUs, slowestUs),
    foreignCpuPercent: foreign(first, last, [...serverLoads, ...workers]),
    cores: cpus().length,
  };
}

function halves(first: Moment, middle: Moment, last: Moment): Measurement["halvesCpuUs"] {
  const [one, other] = [cpuPerDelivery(first, middle), cpuPerDelivery(middle, last)];
  return one === undefined || other === undefined ? undefined : [one, other];
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
