import { retryableRules, ruleIds } from "../../results/rows/validity-rules.ts";
import type { Row } from "../../results/model/columns.ts";
import { mergeHistograms } from "../../results/statistics/histogram.ts";
import { UserError } from "../lib/errors.ts";
import { parseDuration } from "../lib/parse-units.ts";
import type { ProbeResult, ProbeVerdict } from "./probe-results.ts";

const percentiles = {
  p50: { column: "latency_p50_us", percent: 50 },
  p90: { column: "latency_p90_us", percent: 90 },
  p99: { column: "latency_p99_us", percent: 99 },
  "p99.9": { column: "latency_p999_us", percent: 99.9 },
} as const;

/** A service level objective: a percentile of latency and the limit that it must not exceed. */
export interface Objective {
  name: keyof typeof percentiles;
  limitMs: number;
}

/** Parses an objective such as p99=250ms. Throws a UserError for any other text. */
export function parseObjective(text: string): Objective {
  const [, name, limit] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(percentiles, name))
    throw new UserError(
      `--slo "${text}" is not an objective: write ${Object.keys(percentiles).join(", ")} and a limit, such as p99=250ms.`,
    );
  return { name: name as Objective["name"], limitMs: parseDuration(`--slo ${name}=`, limit!) };
}

/** Messages that a probe needs: at least 1,000, and enough that ten are above the percentile. */
export function messagesFor({ name }: Objective): number {
  return Math.max(1_000, Math.round(10 / (1 - percentiles[name].percent / 100)));
}

/**
 * Lowest possible latency at the percentile, in milliseconds, if each message waits for the next poll and polls come
 * every `deliveryBoundMs`.
 */
export function floorMs({ name }: Objective, deliveryBoundMs: number): number {
  return (deliveryBoundMs * percentiles[name].percent) / 100;
}

/**
 * A row's latency at the objective's percentile, in microseconds, even with too few samples. Undefined if nothing
 * arrived.
 */
export function objectiveLatencyUs(row: Row, { name }: Objective): number | undefined {
  const { column, percent } = percentiles[name];
  if (row[column] !== undefined || row.latency_histogram === undefined) return row[column];
  const values = mergeHistograms([row.latency_histogram]);
  const valueUs = values.getValueAtPercentile(percent);
  values.destroy();
  return valueUs;
}

/**
 * The result of a probe from its row. A disturbance makes a trial slower, so a trial that kept the objective needs no
 * retry.
 */
export function classify(row: Row, objective: Objective): Omit<ProbeResult, "probe"> {
  const verdict = verdictOf(row, objective);
  const limitUs = objective.limitMs * 1000;
  const isCertain =
    row[percentiles[objective.name].column] !== undefined || (row.latency_max_us ?? Infinity) <= limitUs;
  return {
    verdict,
    tooFewSamples: verdict !== "broken" && row.lost === 0 && clientsGone(row) === 0 && !isCertain,
    retryable: verdict !== "kept" && ruleIds(row).some((id) => retryableRules.has(id)),
  };
}

/** Clients that were refused or dropped. A load under which that happens misses every objective. */
export function clientsGone({ clients_refused: refused = 0, clients_dropped: dropped = 0 }: Row): number {
  return refused + dropped;
}

function verdictOf(row: Row, objective: Objective): ProbeVerdict {
  const planned = Math.round((row.offered_per_s ?? 0) * (row.duration_s ?? 0));
  // A client that is gone sends less than planned, which is not the generator's fault.
  const someGone = clientsGone(row) > 0;
  const underSent = someGone ? ruleIds(row).includes("under-sent") : (row.sent ?? 0) < planned;
  if (row.status === "failed" || (row.status === "invalid" && !underSent)) return "broken";
  const us = objectiveLatencyUs(row, objective) ?? Infinity;
  if (someGone && !underSent) return "missed";
  if (us <= objective.limitMs * 1000 && row.lost === 0 && !underSent) return "kept";
  return underSent || row.bottleneck === "workers" || isDueToSendLag(row, us, objective) ? "generator" : "missed";
}

/** True if the objective would have been kept without the send lag. */
function isDueToSendLag({ send_lag_p99_us: lagUs = 0, lost }: Row, us: number, { limitMs }: Objective): boolean {
  return lost === 0 && lagUs > Math.max(0.1 * us, 1_000) && us - lagUs <= limitMs * 1000;
}
