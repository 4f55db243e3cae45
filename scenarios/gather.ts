import { cpus } from "node:os";
import { merge, type Histogram } from "../results/histogram.ts";
import type { Load, Measurement, Packets } from "../results/measurement.ts";
import type { Traffic } from "./contract.ts";
import type { Tally } from "./ledger.ts";
import type { Connected, Played, Values } from "./player.ts";
import type { ServerState } from "./server.ts";
import { seconds, slowest } from "./seconds.ts";
import { difference } from "./traffic.ts";
import type { Usage } from "./usage.ts";

/** What the processes of a trial have reported. */
export interface Reports {
  /** When each measured message was due, from T0. */
  dueUs: Float64Array;
  /** Before the first client, when all were connected, at each edge of the window's seconds, and after the drain. */
  server: { rest: ServerState; connected: ServerState; window: readonly ServerState[]; end: ServerState };
  growth: readonly (readonly [number, number])[];
  connected: readonly Connected[];
  warmupUs: number;
  played: readonly Played[];
  tally: Tally;
  values: readonly Values[];
  idle: Measurement["idle"];
  /** Whether worker 0 played only senders and observers. */
  quiet: boolean;
  /** Whether the kernel's counters are of this trial alone. */
  isolated: boolean;
}

/** Merges the reports into one measurement. Pure, but for reading the number of cores. */
export function gather(reports: Reports): Measurement {
  const { dueUs, connected, warmupUs, played, tally, values, quiet, server, growth, isolated, idle } = reports;
  const [first, middle, last] = [0, 0.5, 1].map(
    (share) => server.window[Math.floor(share * (server.window.length - 1))]!,
  ) as [ServerState, ServerState, ServerState];
  const merged = (name: Exclude<keyof Values, "slowest">, of = values): Histogram =>
    merge(of.map((each) => each[name]));
  const serverLoad = loadBetween(first.usage, last.usage);
  const workers = played.map(({ usage }) => loadBetween(usage[0]!, usage.at(-1)!));
  const slowestUs = slowest(values.map((each) => each.slowest));
  return {
    connect: merged("connect"),
    connectingUs: Math.max(...connected.map(({ toUs }) => toUs)) - Math.min(...connected.map(({ fromUs }) => fromUs)),
    connectBytes: server.connected.traffic && setUpBytes(server.connected.traffic),
    warmupUs,
    idle,
    planned: dueUs.length,
    sent: played.reduce((sum, { sent }) => sum + sent, 0),
    expected: played.reduce((sum, { expected }) => sum + expected, 0),
    ...tally,
    latency: merged("latency"),
    service: merged("service"),
    sendLag: merged("sendLag"),
    slowestUs: slowestUs.filter((latencyUs) => latencyUs >= 0).toSorted(),
    apart: quiet
      ? {
          observersP50Us: merged("latency", values.slice(0, 1)).getValueAtPercentile(50),
          crowdP50Us: merged("latency", values.slice(1)).getValueAtPercentile(50),
        }
      : undefined,
    traffic: first.traffic && last.traffic && difference(last.traffic, first.traffic),
    packets: isolated ? packetsBetween(first, last) : undefined,
    listenOverflows: server.end.net && server.end.net.listenOverflows - (server.rest.net?.listenOverflows ?? 0),
    server: serverLoad,
    halvesCpuUs: halves(first, middle, last),
    rssRestBytes: server.rest.usage.rssBytes,
    rssPerClientBytes: slope(growth),
    rssMiddleBytes: middle.usage.rssBytes,
    workers,
    seconds: seconds(server.window, played, dueUs, slowestUs),
    foreignCpuPercent: foreign(first, last, [serverLoad, ...workers]),
    cores: cpus().length,
  };
}

/** CPU time of the server per delivery between two of its moments; undefined where nothing was delivered. */
export function cpuPerDelivery(first: ServerState, last: ServerState): number | undefined {
  const deliveries = (last.traffic?.payloadsOut ?? 0) - (first.traffic?.payloadsOut ?? 0);
  return deliveries > 0 ? (last.usage.cpuUs - first.usage.cpuUs) / deliveries : undefined;
}

function halves(first: ServerState, middle: ServerState, last: ServerState): Measurement["halvesCpuUs"] {
  const [one, other] = [cpuPerDelivery(first, middle), cpuPerDelivery(middle, last)];
  return one === undefined || other === undefined ? undefined : [one, other];
}

/** What passed until the links were ready: a polling client's first asks do not belong to it. */
function setUpBytes({ wire: { up, duplex } }: Traffic): { in: number; out: number } {
  return { in: up.in + duplex.in, out: up.out + duplex.out };
}

/** The least-squares slope through points; undefined where there are too few to tell growth from chance. */
function slope(points: readonly (readonly [number, number])[]): number | undefined {
  if (points.length < 4) return undefined;
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2);
}

function foreign(first: ServerState, last: ServerState, ours: readonly Load[]): number | undefined {
  if (first.machineBusyUs === undefined || last.machineBusyUs === undefined) return undefined;
  const busyPercent = (100 * (last.machineBusyUs - first.machineBusyUs)) / (last.usage.atUs - first.usage.atUs);
  return Math.max(0, busyPercent - ours.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0));
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

function packetsBetween({ net: first }: ServerState, { net: last }: ServerState): Packets | undefined {
  return (
    first &&
    last && {
      segments: last.segments - first.segments,
      retransmissions: last.retransmissions - first.retransmissions,
      octets: last.octets - first.octets,
    }
  );
}
