import type { Options, Transport } from "./contract.ts";
import type { Settings } from "./settings.ts";
import { optionsFor } from "./transports.ts";

const periods = ["heartbeatMs", "pollIntervalMs", "holdMs"] as const;

/**
 * What a trial changes of a transport's options. Under load, heartbeats are pushed beyond the trial, or a storm of them falls in or out
 * by luck; without load, what goes on is made to go on a whole number of times in the window, no less often than it would by itself. A
 * payload larger than usual is let through.
 */
export function trialOptions(
  { maxWarmupMs, durationMs, payloadBytes, extraHeaderBytes, addresses, ...settings }: Settings,
  transport: Transport,
): Partial<Options> {
  const own = optionsFor(transport, {});
  const fitting = periods.map((name) => [name, durationMs / cyclesIn(durationMs, own[name], settings.idleCycles)]);
  return {
    extraHeaderBytes,
    ...(settings.idleCycles ? Object.fromEntries(fitting) : { heartbeatMs: maxWarmupMs + durationMs + 600_000 }),
    ...(payloadBytes > 2 ** 20 && { maxPayloadBytes: 2 * payloadBytes, queueBytes: 8 * payloadBytes }),
    ...(addresses > 1 && { alsoAt: Array.from({ length: addresses - 1 }, (_, i) => `127.0.0.${i + 2}`) }),
  };
}

/** How many whole cycles of a transport an idle window holds, and how long one is when nothing shortens it; undefined under load. */
export function idleCycles(
  { idleCycles: least, durationMs }: Pick<Settings, "idleCycles" | "durationMs">,
  transport: Transport,
): { cycles: number; periodMs: number } | undefined {
  if (!least) return undefined;
  const periodMs = optionsFor(transport, {})[transport.cycle ?? "heartbeatMs"];
  return { cycles: cyclesIn(durationMs, periodMs, least), periodMs };
}

/** Whole cycles in a window, at least so many, none longer than `periodMs`. */
function cyclesIn(durationMs: number, periodMs: number, least = 1): number {
  return Math.max(least, Math.ceil(durationMs / periodMs));
}
