import { isDeliveryCount } from "./samples.ts";
import type { MetricComparison, PairComparison } from "./types.ts";

/**
 * The metrics of a pair that a table shows. `flagged`: the tested metrics, and deliveries that went wrong where any
 * did. `others`: with `all` every other metric. `empty`: metrics that neither side has; they are in no table, but have
 * a remark.
 */
export function visibleMetrics(
  { metrics }: PairComparison,
  all: boolean,
): Record<"flagged" | "others" | "empty", MetricComparison[]> {
  const isShown = ({ metric, before, after }: MetricComparison): boolean =>
    all || !isDeliveryCount(metric) || Boolean(before || after);
  const empty = metrics.filter(({ before, after }) => before === undefined && after === undefined);
  return {
    empty,
    flagged: metrics.filter((each) => each.verdict !== "shown" && isShown(each)),
    others: all ? metrics.filter((each) => each.verdict === "shown" && !empty.includes(each)) : [],
  };
}
