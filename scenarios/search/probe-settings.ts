import type { SettingsOverrides, Settings } from "../definitions/settings.ts";
import type { Objective } from "./objective.ts";
import type { Probe } from "./probe-results.ts";

/** Shortest window of a deciding probe, in milliseconds. */
const minDecidingMs = 5_000;
/**
 * Window of a deciding probe, as a multiple of the objective's limit. An overload adds its share of the elapsed time to
 * the latency, so an overload of 2.5 %, half a step, shows after forty times the limit.
 */
const limitMultiple = 40;
/** Longest window that is needed for such an overload. */
const maxForLimitMs = 60_000;
/** Shortest and longest window of a coarse probe. */
const coarseWindow = { minMs: 5_000, maxMs: 10_000 };
/** Exact warm-up of a coarse probe. */
const coarseWarmupMs = 5_000;
/**
 * Warm-up of a deciding probe: enough for the rise, the pause and three seconds to catch up. More time is spent on the
 * window instead.
 */
const decidingWarmup = { minMs: 6_000, maxMs: 10_000 };
/**
 * Pause in the warm-up. Near its limit, a transport that has fallen behind may stay behind, since queued messages cost
 * more to move, and whether it ever falls behind would be chance. So every transport is made to fall behind once before
 * T0, by as much as a hiccup of the machine would.
 */
const warmupPauseMs = 500;

/**
 * The settings of a probe: those of its step, with a window long enough for its messages and a bounded warm-up with a
 * pause. A `warmupMs` of the user's is the exact warm-up. A `durationMs` of the user's is the shortest window of a
 * deciding probe.
 */
export function probeSettings(
  settingsAtStep: Settings,
  { purpose, messages }: Probe,
  { limitMs }: Objective,
  overrides: Pick<SettingsOverrides, "durationMs" | "warmupMs">,
): Settings {
  const messagesMs = Math.ceil((1000 * messages) / settingsAtStep.ratePerS);
  if (purpose === "coarse")
    return {
      ...settingsAtStep,
      warmupPauseMs,
      durationMs: Math.min(Math.max(messagesMs, coarseWindow.minMs), coarseWindow.maxMs),
      warmupMs: overrides.warmupMs ?? coarseWarmupMs,
      maxWarmupMs: overrides.warmupMs ?? coarseWarmupMs,
    };
  const shortestMs = overrides.durationMs ?? Math.max(minDecidingMs, Math.min(limitMultiple * limitMs, maxForLimitMs));
  return {
    ...settingsAtStep,
    warmupPauseMs,
    durationMs: Math.max(messagesMs, shortestMs),
    warmupMs: overrides.warmupMs ?? decidingWarmup.minMs,
    maxWarmupMs: overrides.warmupMs ?? decidingWarmup.maxMs,
  };
}
