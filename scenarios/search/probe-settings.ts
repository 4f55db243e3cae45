import type { SettingsOverrides, Settings } from "../definitions/settings.ts";
import type { Objective } from "./objective.ts";
import type { Probe } from "./probe-results.ts";

/** Shortest window that decides, in milliseconds. */
const leastMs = 5_000;
/**
 * An overload adds its share of the time it lasts to the latency, so one of 2.5 %, half a rung, is seen after forty times the limit. A window
 * need not be longer than a minute for that, though.
 */
const [limitsToSee, mostForLimitMs] = [40, 60_000];
/** The window of a scout, and its fixed warm-up. */
const scoutMs = { least: 5_000, most: 10_000, warmup: 5_000 };
/** Room for the rise, the hiccup, and three seconds to catch up; more than that is spent on the window instead. */
const warmup = { leastMs: 6_000, mostMs: 10_000 };
/**
 * Near its limit a transport that has fallen behind may stay behind, since what waits in queues costs more to move; whether it ever does
 * would be luck. So each is made to fall behind once, before T0, by as much as any of the machine's own hiccups.
 */
const warmupPauseMs = 500;

/**
 * The settings of a probe: those of its rung, with a window long enough for its messages, and a bounded warm-up with a hiccup. A warm-up
 * that was given is kept to, and has one if it is longer than 2.5 s; a window that was given is the shortest that decides.
 */
export function probeSettings(
  atRung: Settings,
  { purpose, messages }: Probe,
  { limitMs }: Objective,
  given: Pick<SettingsOverrides, "durationMs" | "warmupMs">,
): Settings {
  const neededMs = Math.ceil((1000 * messages) / atRung.ratePerS);
  const scouts = purpose === "coarse";
  const decidingMs = given.durationMs ?? Math.max(leastMs, Math.min(limitsToSee * limitMs, mostForLimitMs));
  return {
    ...atRung,
    warmupPauseMs,
    durationMs: scouts ? Math.min(Math.max(neededMs, scoutMs.least), scoutMs.most) : Math.max(neededMs, decidingMs),
    warmupMs: given.warmupMs ?? (scouts ? scoutMs.warmup : warmup.leastMs),
    maxWarmupMs: given.warmupMs ?? (scouts ? scoutMs.warmup : warmup.mostMs),
  };
}
