import { columnsFor, type ColumnName, type Row } from "../model/columns.ts";
import { formatCount, formatMilliseconds, formatNumber } from "../text/text-table.ts";
import type { Comparison, MetricComparison, PairComparison, ComparedSide, MetricVerdict } from "./types.ts";

/** Short names of the metrics that are decided, with the unit they are shown in. */
const labels: Partial<Record<ColumnName, string>> = {
  latency_p50_us: "p50 ms",
  latency_p99_us: "p99 ms",
  server_cpu_us_per_delivery: "server us/dlv",
  overhead_bytes_per_send: "overhead B/send",
  overhead_bytes_per_delivery: "overhead B/dlv",
  connect_bytes_in: "connect B in",
  connect_bytes_out: "connect B out",
  idle_bytes_per_client_s: "idle B/client/s",
};

/** What a metric is called in a table, with its unit: `latency_p99_us` is shown in ms. */
export function metricLabel(metric: ColumnName): string {
  return labels[metric] ?? metric.replace(/_us$/, " ms");
}

/** A value of a metric in the unit of its label, in at most 7 characters up to a billion. */
export function metricValue(metric: ColumnName, value: number | undefined): string {
  if (metric.endsWith("_us")) return formatMilliseconds(value);
  return value === undefined || Number.isInteger(value) || value >= 1_000 ? formatCount(value) : formatNumber(value, 2);
}

/** A shift in percent of the median before; infinite where that is 0 and the shift is not. Undefined where one is not known. */
export function formatShift(shift: number | undefined, before: number | undefined): number | undefined {
  if (shift === undefined || before === undefined) return undefined;
  return shift === 0 ? 0 : (100 * shift) / Math.abs(before);
}

/** A percentage with its sign and about two digits, without the percent sign; from 1,000 on as a multiple, `x62`. */
export function formatPercent(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return "from 0";
  if (size >= 1_000) return `${value < 0 ? "-" : ""}x${formatCount(1 + size / 100)}`;
  const digits = size >= 99.95 ? size.toFixed(0) : size >= 0.1 || size === 0 ? size.toFixed(1) : size.toPrecision(1);
  return `${value > 0 ? "+" : value < 0 ? "-" : ""}${digits}`;
}

/** The same with a percent sign where it is a percentage; a dash for what is not known. */
export function formatSignedPercent(value: number | undefined): string {
  if (value === undefined) return "-";
  return Math.abs(value) < 1_000 ? `${formatPercent(value)}%` : formatPercent(value);
}

/** Where the true shift lies; `exact` where it was not estimated and a dash where nobody can know. */
export function formatInterval({ before, low, high, coverage }: MetricComparison): string {
  if (coverage === 1) return "exact";
  const [from, to] = [formatShift(low, before), formatShift(high, before)];
  if (from === undefined || to === undefined || !coverage || before === 0) return "-";
  return `${formatPercent(from)}..${formatPercent(to)}`;
}

/** The smallest change that would have been seen. */
export function formatDetectable({ before, detectable, coverage }: MetricComparison): string {
  if (coverage === 1) return "any";
  return formatSignedPercent(formatShift(detectable, before)).replace("+", "");
}

/** How often each verdict was given, over all comparisons. */
export function countVerdicts(comparisons: readonly Comparison[]): Record<MetricVerdict, number> {
  const found = { worse: 0, better: 0, same: 0, undecided: 0, "below floor": 0, shown: 0 };
  for (const { pairs } of comparisons)
    for (const { metrics } of pairs) for (const { verdict } of metrics) found[verdict]++;
  return found;
}

/** The sentence with which everything begins. */
export function verdictSentence(comparisons: readonly Comparison[]): string {
  const { worse, better, same, undecided, "below floor": below } = countVerdicts(comparisons);
  const ofFloor = below > 0 ? `, ${below} below floor` : "";
  return `${worse} got worse, ${better} better, ${same} same${ofFloor}, ${undecided} undecided.`;
}

/** A side as a person calls it. */
export function sideLabel({ path, build }: ComparedSide): string {
  return build === undefined ? path : `${path}, build ${build}`;
}

/** What pairs are called in their comparison: their transport and scenario, and the match columns in which some of these differ. */
export function pairList(pairs: readonly Pick<PairComparison, "keys" | "transport">[]): string[] {
  const arrows = pairs.map(({ transport: { before, after } }) => (before === after ? before : `${before} -> ${after}`));
  return transportList(pairs.map(({ keys }, i) => ({ ...keys, transport: arrows[i]! })));
}

/** What groups of repeats are called beside one another, from their match columns: `ws, chat-1k` or `ws, chat-1k, clients 2000`. */
export function transportList(groups: readonly Row[]): string[] {
  const others = columnsFor("match").filter((name) => name !== "transport" && name !== "scenario");
  return groups.map((keys) => {
    const alike = groups.filter(
      ({ transport, scenario }) => transport === keys.transport && scenario === keys.scenario,
    );
    const telling = others.filter((name) => alike.some((other) => other[name] !== keys[name]));
    return [keys.transport, keys.scenario, ...telling.map((name) => `${name} ${keys[name] ?? "-"}`)].join(", ");
  });
}

/** What a reader should know of the metrics of a pair: each remark once, with the metrics it is about. */
export function metricNotes(metrics: readonly MetricComparison[]): string[] {
  const remarks = [...new Set(metrics.map(({ note }) => note))].filter((note) => note !== "");
  return remarks.map((remark) => {
    const about = metrics.filter(({ note }) => note === remark).map(({ metric }) => metricLabel(metric));
    return `${about.join(", ")}: ${remark}.`;
  });
}

/** How many repeats a pair has, and how sure the intervals of what is decided by statistics are. */
export function repeatsText({ repeats: { before, after }, metrics }: PairComparison): string {
  const coverages = metrics.flatMap(({ p, coverage }) => (p === undefined || !coverage ? [] : [coverage]));
  const sure = coverages.length > 0 ? `, ${(100 * Math.min(...coverages)).toFixed(1)} % intervals` : "";
  return `${before} ${before === 1 ? "repeat" : "repeats"} before, ${after} after${sure}`;
}
