import type { Options } from "../contract.ts";
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
 */
export function trialOptions(settings: Settings, transport: Transport): Options {
  const { maxWarmupMs, durationMs, trace, extraHeaderBytes, addresses, network, idleCycles: leastCycles } = settings;
  const options = { ...optionsFor(transport, {}), extraHeaderBytes };
  if (leastCycles && transport.idlePeriodOption !== "none")
    for (const name of periods) options[name] = durationMs / cyclesIn(durationMs, options[name], leastCycles);
  else options.heartbeatMs = maxWarmupMs + durationMs + 600_000;
  const payloadBytes = trace?.largestBytes ?? settings.payloadBytes;
  if (waitingPayloads * payloadBytes > options.queueBytes) {
    options.maxPayloadBytes = Math.max(options.maxPayloadBytes, 2 * payloadBytes);
    options.queueBytes = waitingPayloads * payloadBytes;
  }
  if (network) options.handshakeMs += networkExtraMs(settings);
  const isOnLoopback = !network || network.by === "proxy";
  if (!isOnLoopback) options.host = serverHost();
  const hostOf = (i: number): string => (isOnLoopback ? `127.0.0.${i + 1}` : serverHost(i));
  if (addresses > 1) options.additionalHosts = Array.from({ length: addresses - 1 }, (_, i) => hostOf(i + 1));
  return options;
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
