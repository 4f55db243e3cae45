import { readWarningTexts } from "../files/read-warnings.ts";
import { countOf, groupBy } from "../text/lists.ts";
import { formatCount, formatMilliseconds, formatNumber } from "../text/text-table.ts";
import { metricList, pairList, type TrialLabel } from "./labels.ts";
import { isOutcome } from "./outcomes.ts";
import { isDeliveryCount } from "./samples.ts";
import type { ComparedSide, Comparison, MetricComparison, MetricVerdict, PairComparison } from "./types.ts";

/** Short names of the tested metrics, with the unit in which they are shown. */
const labels: Partial<Record<MetricComparison["metric"], string>> = {
  repeats: "repeats",
  repeats_failed: "failed repeats",
  repeats_invalid: "invalid repeats",
  lost: "lost/repeat",
  duplicated: "duplicated/repeat",
  reordered: "reordered/repeat",
  corrupted: "corrupted/repeat",
  unexpected: "unexpected/repeat",
  clients_refused: "clients refused/repeat",
  clients_dropped: "clients dropped/repeat",
  gave_up: "never back/repeat",
  missed: "missed/repeat",
  latency_p50_us: "p50 ms",
  latency_p99_us: "p99 ms",
  deliveries_per_s: "dlv/s",
  server_cpu_us_per_delivery: "server us/dlv",
  overhead_bytes_per_send: "overhead B/send",
  overhead_bytes_per_delivery: "overhead B/dlv",
  connect_bytes_in: "connect B in",
  connect_bytes_out: "connect B out",
  idle_bytes_per_client_s: "idle B/client/s",
};

/** The name of a metric in a table, with its unit: `latency_p99_us` is shown in ms. */
export function metricLabel(metric: MetricComparison["metric"]): string {
  return labels[metric] ?? metric.replace(/_us$/, " ms");
}

/** A value of a metric in the unit of its label, in at most 7 characters up to a billion. */
export function metricValue(metric: MetricComparison["metric"], value: number | undefined): string {
  if (metric.endsWith("_us")) return formatMilliseconds(value);
  return value === undefined || Number.isInteger(value) || value >= 1_000 ? formatCount(value) : formatNumber(value, 2);
}

/**
 * A shift in percent of the median before: infinite where that is 0 and the shift is not, undefined where one is not
 * known.
 */
export function formatShift(shift: number | undefined, before: number | undefined): number | undefined {
  if (shift === undefined || before === undefined) return undefined;
  return shift === 0 ? 0 : (100 * shift) / Math.abs(before);
}

/** A percentage with sign and about two digits, without the percent sign; from 1,000 on as a multiple, `x62`. */
export function formatPercent(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return "from 0";
  if (size >= 1_000) return `${value < 0 ? "-" : ""}x${formatCount(1 + size / 100)}`;
  const digits = size >= 99.95 ? size.toFixed(0) : size >= 0.1 || size === 0 ? size.toFixed(1) : size.toPrecision(1);
  return `${value > 0 ? "+" : value < 0 ? "-" : ""}${digits}`;
}

/** A percentage with sign and percent sign, or a multiple; a dash where it is not known. */
export function formatSignedPercent(value: number | undefined): string {
  if (value === undefined) return "-";
  return Math.abs(value) < 1_000 ? `${formatPercent(value)}%` : formatPercent(value);
}

/** The interval of the true shift in percent; `exact` where it was not estimated, a dash where it is not known. */
export function formatInterval({ before, low, high, coverage }: MetricComparison): string {
  if (coverage === 1) return "exact";
  const [from, to] = [formatShift(low, before), formatShift(high, before)];
  if (from === undefined || to === undefined || !coverage || before === 0) return "-";
  return `${formatPercent(from)}..${formatPercent(to)}`;
}

/** The smallest change that these repeats show, in percent. */
export function formatDetectable({ before, detectable, coverage }: MetricComparison): string {
  if (coverage === 1) return "any";
  return formatSignedPercent(formatShift(detectable, before)).replace("+", "");
}

/** The number of metrics with each verdict, over all comparisons. */
export function countVerdicts(comparisons: readonly Comparison[]): Record<MetricVerdict, number> {
  const found = { worse: 0, better: 0, same: 0, undecided: 0, "within noise": 0, shown: 0 };
  for (const { pairs } of comparisons)
    for (const { metrics } of pairs) for (const { verdict } of metrics) found[verdict]++;
  return found;
}

/**
 * Sentences that lead every output: trials that are gone, failed or invalid after, and deliveries or clients that went
 * wrong, more of them than before. They need no statistics. `chosen` picks some of these metrics.
 */
export function lossChangeSentences(comparisons: readonly Comparison[], chosen = isLoss): string[] {
  return comparisons.flatMap(({ pairs }) => {
    const names = pairList(pairs);
    return pairs.flatMap(({ metrics }, i) =>
      metrics
        .filter(({ metric, verdict }) => verdict === "worse" && chosen(metric))
        .map((metric) => `${names[i]}: ${countChange(metric)}.`),
    );
  });
}

function isLoss(metric: string): boolean {
  return isOutcome(metric) || isDeliveryCount(metric);
}

/** A change of a number of repeats, deliveries or clients: `lost/repeat 0 before, 12 after`. */
function countChange({ metric, before, after, note }: MetricComparison): string {
  const change = `${metricLabel(metric)} ${metricValue(metric, before)} before, ${metricValue(metric, after)} after`;
  return note === "" ? change : `${change} (${note})`;
}

/** The number of metrics with each verdict, as a sentence. */
export function verdictSentence(comparisons: readonly Comparison[]): string {
  const { worse, better, same, undecided, "within noise": noise } = countVerdicts(comparisons);
  const withinNoise = noise > 0 ? `, ${noise} within noise` : "";
  return `${worse} got worse, ${better} better, ${same} same${withinNoise}, ${undecided} undecided.`;
}

/** The name of a side: its file, with its build where that is known. */
export function sideLabel({ path, build }: ComparedSide): string {
  return build === undefined ? path : `${path}, build ${build}`;
}

/** Remarks about the metrics of one pair: each remark once, with the metrics that share it. */
export function metricNotes(metrics: readonly MetricComparison[]): string[] {
  return sharedNotes([{ label: { transport: "", load: "" }, metrics }]);
}

/** Remarks about the metrics of several pairs: each remark once, with the metrics and trials that share it. */
export function sharedNotes(pairs: readonly { label: TrialLabel; metrics: readonly MetricComparison[] }[]): string[] {
  const all = pairs.flatMap(({ label, metrics }) =>
    metrics.map(({ metric, note, verdict }) => ({ note, verdict, metric: metricLabel(metric), label })),
  );
  const undecided = all.filter(({ verdict }) => verdict === "undecided");
  return groupBy(all, ({ note }) => (note === "" ? undefined : note)).map(([note, items]) => {
    const sameItems = items.length === undecided.length && items.every((item) => undecided.includes(item));
    const subject = sameItems && items.length > 1 ? "All undecided metrics" : metricList(items, pairs.length);
    return `${subject}: ${note}.`;
  });
}

/** Warnings of several comparisons, each once. Files that share a problem share its sentence. */
export function comparisonWarnings(comparisons: readonly Comparison[]): string[] {
  const warnings = comparisons.flatMap((comparison) => comparison.warnings);
  return [...readWarningTexts(comparisons.flatMap(({ readWarnings }) => readWarnings)), ...new Set(warnings)];
}

/** The numbers of repeats of a pair, and the coverage of the intervals of its statistical tests. */
export function repeatsText(pair: PairComparison): string {
  return `${countOf(pair.repeats.before, "repeat")} before, ${pair.repeats.after} after${coverageText(pair)}`;
}

/** The same for a line that has "repeats" as its label. */
export function repeatCounts(pair: PairComparison): string {
  return `${pair.repeats.before} before, ${pair.repeats.after} after${coverageText(pair)}`;
}

function coverageText({ metrics }: PairComparison): string {
  const coverages = metrics.flatMap(({ p, coverage }) => (p === undefined || !coverage ? [] : [coverage]));
  return coverages.length > 0 ? `, ${(100 * Math.min(...coverages)).toFixed(1)} % intervals` : "";
}
