import type { ColumnName } from "../model/columns.ts";
import type { MetricComparison, PairComparison } from "./types.ts";

/** Nobody asks for these while they are 0; a reader must not miss them where they are not. */
const faults: readonly ColumnName[] = ["lost", "duplicated", "reordered", "corrupted", "unexpected"];

/**
 * What a table tells of a pair: the metrics that are decided, and of the others, which are never flagged, messages that went wrong; with
 * `all` every one. Those that both sides lack are in no table, but a reader may miss them.
 */
export function visibleMetrics(
  { metrics }: PairComparison,
  all: boolean,
): Record<"flagged" | "others" | "empty", MetricComparison[]> {
  const wrong = ({ metric, before, after }: MetricComparison): boolean =>
    faults.includes(metric) && Boolean(before || after);
  const empty = metrics.filter(({ before, after }) => before === undefined && after === undefined);
  return {
    empty,
    flagged: metrics.filter(({ verdict }) => verdict !== "shown"),
    others: metrics.filter((each) => each.verdict === "shown" && !empty.includes(each) && (all || wrong(each))),
  };
}
