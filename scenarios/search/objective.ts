import { retryableRules } from "../../results/rows/validity-rules.ts";
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

/** A percentile of latency that is not to be above a limit. */
export interface Objective {
  name: keyof typeof percentiles;
  limitMs: number;
}

/** The objective that a text such as p99=250ms names; a UserError where it names none. */
export function parseObjective(given: string): Objective {
  const [, name, limit] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (name === undefined || !Object.hasOwn(percentiles, name))
    throw new UserError(
      `--slo "${given}" is not an objective: write ${Object.keys(percentiles).join(", ")} and a limit, such as p99=250ms.`,
    );
  return { name: name as Objective["name"], limitMs: parseDuration(`--slo ${name}=`, limit!) };
}

/** Messages that a probe needs: 1,000, and enough for ten to be above the percentile. */
export function messagesFor({ name }: Objective): number {
  return Math.max(1_000, Math.round(10 / (1 - percentiles[name].percent / 100)));
}

/** Latency at the percentile where a message waits for the next of a poller's asks, which come every `boundMs`; in milliseconds. */
export function floorMs({ name }: Objective, deliveryBoundMs: number): number {
  return (deliveryBoundMs * percentiles[name].percent) / 100;
}

/** A row's latency at the objective's percentile, in microseconds; that of a thin one, too. Undefined where nothing arrived. */
export function objectiveLatencyUs(row: Row, { name }: Objective): number | undefined {
  const { column, percent } = percentiles[name];
  if (row[column] !== undefined || row.latency_histogram === undefined) return row[column];
  const values = mergeHistograms([row.latency_histogram]);
  const valueUs = values.getValueAtPercentile(percent);
  values.destroy();
  return valueUs;
}

/** What a row says about an objective. A disturbance makes a trial slower, so only one that missed is disturbed. */
export function classify(row: Row, wanted: Objective): Omit<ProbeResult, "probe"> {
  const verdict = verdictOf(row, wanted);
  const limitUs = wanted.limitMs * 1000;
  const sure = row[percentiles[wanted.name].column] !== undefined || (row.latency_max_us ?? Infinity) <= limitUs;
  return {
    verdict,
    tooFewSamples: verdict !== "broken" && row.lost === 0 && !sure,
    retryable: verdict !== "kept" && (row.rules ?? "").split(" ").some((id) => retryableRules.has(id)),
  };
}

function verdictOf(row: Row, wanted: Objective): ProbeVerdict {
  const planned = Math.round((row.offered_per_s ?? 0) * (row.duration_s ?? 0));
  const sentLess = (row.sent ?? 0) < planned;
  if (row.status === "failed" || (row.status === "invalid" && !sentLess)) return "broken";
  const us = objectiveLatencyUs(row, wanted) ?? Infinity;
  if (us <= wanted.limitMs * 1000 && row.lost === 0 && !sentLess) return "kept";
  return sentLess || row.bottleneck === "workers" || lagExplains(row, us, wanted) ? "generator" : "missed";
}

/** Whether messages were handed over so late that, had they not been, the objective would have been kept. */
function lagExplains({ send_lag_p99_us: lagUs = 0, lost }: Row, us: number, { limitMs }: Objective): boolean {
  return lost === 0 && lagUs > Math.max(0.1 * us, 1_000) && us - lagUs <= limitMs * 1000;
}
