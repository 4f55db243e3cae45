import type { ColumnName } from "../model/columns.ts";
import type { MetricComparison, PairComparison } from "./types.ts";

/** Metrics that are shown only where they are not 0. */
const faults: readonly ColumnName[] = ["lost", "duplicated", "reordered", "corrupted", "unexpected"];

/**
 * The metrics of a pair that a table shows. `flagged`: the tested metrics. `others`: metrics that are not tested,
 * namely messages that went wrong, or with `all` every one. `empty`: metrics that neither side has; they are in no
 * table, but have a remark.
 */
export function visibleMetrics(
  { metrics }: PairComparison,
  all: boolean,
): Record<"flagged" | "others" | "empty", MetricComparison[]> {
  const isFault = ({ metric, before, after }: MetricComparison): boolean =>
    faults.includes(metric) && Boolean(before || after);
  const empty = metrics.filter(({ before, after }) => before === undefined && after === undefined);
  return {
    empty,
    flagged: metrics.filter(({ verdict }) => verdict !== "shown"),
    others: metrics.filter((each) => each.verdict === "shown" && !empty.includes(each) && (all || isFault(each))),
  };
}
