import { cpus } from "node:os";
import { merge } from "../results/histogram.ts";
import type { Load, Measurement } from "../results/measurement.ts";
import type { Traffic } from "./contract.ts";
import type { Tally } from "./ledger.ts";
import type { Connected, Played, Values } from "./player.ts";
import type { ServerState } from "./server.ts";
import type { Usage } from "./usage.ts";

/** What the processes of a trial have reported. */
export interface Reports {
  planned: number;
  connected: readonly Connected[];
  atConnect: ServerState;
  played: readonly Played[];
  /** The server at T0 and at T1. */
  edges: readonly [ServerState, ServerState];
  tally: Tally;
  values: readonly Values[];
}

/** Merges the reports into one measurement. Pure, but for reading the number of cores. */
export function gather({ planned, connected, atConnect, played, edges, tally, values }: Reports): Measurement {
  const [first, last] = edges;
  const merged = (name: keyof Values) => merge(values.map((each) => each[name]));
  return {
    connect: merged("connect"),
    connectingUs: Math.max(...connected.map(({ toUs }) => toUs)) - Math.min(...connected.map(({ fromUs }) => fromUs)),
    connectBytes: atConnect.traffic && setUpBytes(atConnect.traffic),
    planned,
    sent: played.reduce((sum, { sent }) => sum + sent, 0),
    expected: played.reduce((sum, { expected }) => sum + expected, 0),
    ...tally,
    latency: merged("latency"),
    service: merged("service"),
    sendLag: merged("sendLag"),
    traffic: first.traffic && last.traffic && difference(first.traffic, last.traffic),
    server: loadBetween(first.usage, last.usage),
    workers: played.map(({ usage }) => loadBetween(...usage)),
    cores: cpus().length,
  };
}

/** What passed until the links were ready: a polling client's first asks do not belong to it. */
function setUpBytes({ wire: { up, duplex } }: Traffic): { in: number; out: number } {
  return { in: up.in + duplex.in, out: up.out + duplex.out };
}

function loadBetween(first: Usage, last: Usage): Load {
  const cpuUs = last.cpuUs - first.cpuUs;
  const active = last.loop.active - first.loop.active;
  const idle = last.loop.idle - first.loop.idle;
  return {
    cpuUs,
    cpuPercent: (100 * cpuUs) / (last.atUs - first.atUs),
    elu: active / (active + idle),
    rssBytes: last.rssBytes,
  };
}

function difference(first: Traffic, last: Traffic): Traffic {
  const bytes = (role: keyof Traffic["wire"]) => ({
    in: last.wire[role].in - first.wire[role].in,
    out: last.wire[role].out - first.wire[role].out,
  });
  return {
    wire: { up: bytes("up"), down: bytes("down"), duplex: bytes("duplex") },
    payloadsIn: last.payloadsIn - first.payloadsIn,
    payloadBytesIn: last.payloadBytesIn - first.payloadBytesIn,
    payloadsOut: last.payloadsOut - first.payloadsOut,
    payloadBytesOut: last.payloadBytesOut - first.payloadBytesOut,
    exchanges: last.exchanges - first.exchanges,
  };
}
