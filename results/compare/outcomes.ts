import type { Row } from "../model/columns.ts";
import type { TransportPair } from "./pairing.ts";
import type { MetricComparison, MetricVerdict } from "./types.ts";

/** A number of repeats, which is compared like a metric. It needs no statistics. */
export type OutcomeMetric = "repeats" | "repeats_failed" | "repeats_invalid";

/** True for a number of repeats. */
export function isOutcome(metric: string): metric is OutcomeMetric {
  return metric === "repeats" || metric === "repeats_failed" || metric === "repeats_invalid";
}

/**
 * What became of the repeats of a pair: more failed or invalid ones, or none at all after, are worse. Numbers that are
 * 0 on both sides are left out.
 */
export function outcomeMetrics({ all: { before, after } }: TransportPair): MetricComparison[] {
  const having = (rows: readonly Row[], status: string): Row[] => rows.filter((row) => row.status === status);
  const [failed, invalid] = [having(after, "failed"), having(after, "invalid")];
  return [
    ...(after.length === 0 ? [outcome("repeats", before.length, 0, "not measured after")] : []),
    outcome("repeats_failed", having(before, "failed").length, failed.length, failed[0]?.error ?? ""),
    outcome("repeats_invalid", having(before, "invalid").length, invalid.length, invalid[0]?.reasons ?? ""),
  ].filter((each) => each.before !== 0 || each.after !== 0);
}

function outcome(metric: OutcomeMetric, before: number, after: number, reason: string): MetricComparison {
  const shift = after - before;
  const verdict = verdictOf(metric === "repeats" ? -shift : shift);
  // A reason is a whole sentence, and a note has no full stop.
  const note = verdict === "worse" ? reason.replace(/\.$/, "") : "";
  return exactComparison({ metric, before, after, shift, verdict, note });
}

/** A comparison of numbers that need no statistics: the shift is certain, and any would be seen. */
export function exactComparison(
  known: Pick<MetricComparison, "metric" | "before" | "after" | "shift" | "verdict" | "note">,
): MetricComparison {
  const certain = { exact: true, low: known.shift, high: known.shift, coverage: 1, detectable: 0 };
  return { ...known, ...certain, p: undefined, noiseFloor: undefined };
}

function verdictOf(more: number): MetricVerdict {
  return more > 0 ? "worse" : more < 0 ? "better" : "same";
}
