import type { Options } from "../contract.ts";
import { needsLink } from "./fault.ts";
import type { Settings } from "./settings.ts";
import type { Transport } from "../transports/transport.ts";
import { serverHost } from "../lib/network-conditions.ts";
import { optionsFor } from "../transports/load-transport.ts";

const periods = ["heartbeatMs", "pollIntervalMs", "holdMs"] as const;

/** Number of messages, however large, that may wait for a client before the server drops it as too slow. */
const waitingPayloads = 32;

/**
 * All options of a trial, for every half: the defaults, changed by the transport, changed by what the trial needs.
 * Resolve them once and pass them on; `optionsFor(transport, trialOptions(...))` gives the same again. What the trial
 * changes:
 *
 * Under load, heartbeats come after its end. A burst of heartbeats would be in the window or not by chance. This is
 * also true of the probes that the kernel alone sends: it probes all connections of some seconds at once, and more than
 * a thousand overflow its own queue.
 *
 * Without load, each period is shortened so that the window holds a whole number of cycles, at least as many as the
 * scenario says.
 *
 * A payload larger than usual is accepted, and 32 of them may wait for a client.
 *
 * With a network the servers listen at its end, and a handshake may take three round trips more.
 *
 * With a fault heartbeats are as the transport has them, clients connect again, and where a client cannot choose its
 * address, servers have one more for the clients that the fault meets.
 */
export function trialOptions(settings: Settings, transport: Transport): Options {
  const { maxWarmupMs, durationMs, trace, extraHeaderBytes, addresses, network, idleCycles: leastCycles } = settings;
  const { fault, reconnect = "usual", heartbeatMs } = settings;
  const options = { ...optionsFor(transport, {}), extraHeaderBytes };
  if (leastCycles && transport.idlePeriodOption !== "none")
    for (const name of periods) options[name] = durationMs / cyclesIn(durationMs, options[name], leastCycles);
  else if (!fault) options.heartbeatMs = maxWarmupMs + durationMs + 600_000;
  if (fault) Object.assign(options, { reconnect }, heartbeatMs !== undefined && { heartbeatMs });
  const payloadBytes = trace?.largestBytes ?? settings.payloadBytes;
  if (waitingPayloads * payloadBytes > options.queueBytes) {
    options.maxPayloadBytes = Math.max(options.maxPayloadBytes, 2 * payloadBytes);
    options.queueBytes = waitingPayloads * payloadBytes;
  }
  if (network) options.handshakeMs += networkExtraMs(settings);
  const hostOf = serverHostsOf(settings);
  options.host = hostOf(0);
  const listening = fault && transport.ownAddress === false ? addresses + 1 : addresses;
  if (listening > 1) options.additionalHosts = Array.from({ length: listening - 1 }, (_, i) => hostOf(i + 1));
  return options;
}

/** The address of a server by its number among several: on the loopback, or on the far side of a path. */
export function serverHostsOf({ network, fault }: Pick<Settings, "network" | "fault">): (i: number) => string {
  const isOnLoopback = network ? network.by === "proxy" : !fault || !needsLink(fault);
  return (i) => (isOnLoopback ? `127.0.0.${i + 1}` : serverHost(i));
}

/** Milliseconds by which each bound on the time of an answer grows with a network: three round trips, full queues included. */
export function networkExtraMs({ network }: Pick<Settings, "network">): number {
  if (!network) return 0;
  const { rttMs, rate, queueMs } = network.conditions;
  return 3 * (rttMs + (rate ? queueMs : 0));
}

/** Milliseconds within which a message has reached its receiver on an idle machine and path. */
export function deliveryBoundMs(
  settings: Pick<Settings, "network">,
  { guarantees }: Pick<Transport, "guarantees">,
  options: Options,
): number {
  return (guarantees.deliveryBoundMs?.(options) ?? 0) + networkExtraMs(settings);
}

/** The cycles of heartbeats or polls in an idle window. */
export interface IdleCycles {
  /** Whole cycles in the window. */
  cycles: number;
  /** Length of one cycle in the window. */
  cycleMs: number;
  /** Length of one cycle with the transport's own options. */
  periodMs: number;
}

/** The cycles of a transport in an idle window; undefined under load. */
export function idleCycles(
  { idleCycles: leastCycles, durationMs }: Pick<Settings, "idleCycles" | "durationMs">,
  transport: Transport,
): IdleCycles | undefined {
  if (!leastCycles) return undefined;
  const { idlePeriodOption = "heartbeatMs" } = transport;
  const periodMs = idlePeriodOption === "none" ? durationMs : optionsFor(transport, {})[idlePeriodOption];
  const cycles = cyclesIn(durationMs, periodMs, leastCycles);
  return { cycles, cycleMs: durationMs / cycles, periodMs };
}

/** Whole cycles in a window: at least `leastCycles`, and none longer than `periodMs`. */
function cyclesIn(durationMs: number, periodMs: number, leastCycles: number): number {
  return Math.max(leastCycles, Math.ceil(durationMs / periodMs));
}
