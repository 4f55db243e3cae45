import type { Options } from "../contract.ts";
import type { Settings } from "./settings.ts";
import type { Transport } from "../transports/transport.ts";
import { optionsFor } from "../transports/load-transport.ts";

const periods = ["heartbeatMs", "pollIntervalMs", "holdMs"] as const;

/** How many messages at least may wait for a client before it is dropped for being slow, however large they are. */
const waitingPayloads = 32;

/**
 * What a trial changes of a transport's options. Under load, heartbeats are pushed beyond the trial, or a storm of them falls in or out
 * by luck, and so are those that only the kernel sees: it probes all connections of some seconds at once, and more than a thousand do not
 * pass its own queue. Without load, what goes on is made to go on a whole number of times in the window, no less often than it would by
 * itself. A payload larger than usual is let through, and many of them may wait.
 */
export function trialOptions(
  { maxWarmupMs, durationMs, trace, payloadBytes: usual, extraHeaderBytes, addresses, ...settings }: Settings,
  transport: Transport,
): Partial<Options> {
  const own = optionsFor(transport, {});
  const payloadBytes = trace?.largestBytes ?? usual;
  const fitting = periods.map((name) => [name, durationMs / cyclesIn(durationMs, own[name], settings.idleCycles)]);
  return {
    extraHeaderBytes,
    ...(settings.idleCycles && transport.idlePeriodOption !== "none"
      ? Object.fromEntries(fitting)
      : { heartbeatMs: maxWarmupMs + durationMs + 600_000 }),
    ...(waitingPayloads * payloadBytes > own.queueBytes && {
      maxPayloadBytes: Math.max(own.maxPayloadBytes, 2 * payloadBytes),
      queueBytes: waitingPayloads * payloadBytes,
    }),
    ...(addresses > 1 && { additionalHosts: Array.from({ length: addresses - 1 }, (_, i) => `127.0.0.${i + 2}`) }),
  };
}

/** How many whole cycles an idle window holds, how long one is, and how long when nothing shortens it. */
export interface IdleCycles {
  cycles: number;
  cycleMs: number;
  periodMs: number;
}

/** The cycles of a transport in an idle window; undefined under load. */
export function idleCycles(
  { idleCycles: least, durationMs }: Pick<Settings, "idleCycles" | "durationMs">,
  transport: Transport,
): IdleCycles | undefined {
  if (!least) return undefined;
  const { idlePeriodOption = "heartbeatMs" } = transport;
  const periodMs = idlePeriodOption === "none" ? durationMs : optionsFor(transport, {})[idlePeriodOption];
  const cycles = cyclesIn(durationMs, periodMs, least);
  return { cycles, cycleMs: durationMs / cycles, periodMs };
}

/** Whole cycles in a window, at least so many, none longer than `periodMs`. */
function cyclesIn(durationMs: number, periodMs: number, least = 1): number {
  return Math.max(least, Math.ceil(durationMs / periodMs));
}
