import { countOf } from "../text/lists.ts";
import {
  comparisonWarnings,
  formatDetectable,
  formatInterval,
  formatShift,
  formatSignedPercent,
  lossChangeSentences,
  metricLabel,
  metricValue,
  repeatsText,
  sharedNotes,
  sideLabel,
  verdictSentence,
} from "./format.ts";
import { labelText, pairLabels } from "./labels.ts";
import type { Comparison, MetricComparison, MetricVerdict } from "./types.ts";
import { visibleMetrics } from "./visible-metrics.ts";

/** One row of a table: a metric and the trial that it belongs to. */
interface MetricRow {
  trial: string;
  metric: MetricComparison;
}

const columns: { heading: string; number?: true; value(row: MetricRow): string }[] = [
  { heading: "verdict", value: ({ metric: { verdict } }) => (verdict === "worse" ? "**worse**" : verdict) },
  { heading: "trial", value: ({ trial }) => trial },
  { heading: "metric", value: ({ metric: { metric } }) => metricLabel(metric) },
  { heading: "before", number: true, value: ({ metric: { metric, before } }) => metricValue(metric, before) },
  { heading: "after", number: true, value: ({ metric: { metric, after } }) => metricValue(metric, after) },
  {
    heading: "change",
    number: true,
    value: ({ metric: { shift, before } }) => formatSignedPercent(formatShift(shift, before)),
  },
  { heading: "interval %", number: true, value: ({ metric }) => formatInterval(metric) },
  { heading: "sees", number: true, value: ({ metric }) => formatDetectable(metric) },
];

/** The explanation of the tables. */
const legend =
  "_worse_, _better_: a real change (Holm's p < 0.05; _exact_: any difference). _same_: no change found; one smaller than _sees_ could " +
  "go unnoticed (80 % power). _within noise_: no larger than the noise floor, the shift between equal builds. _change_, _interval_: " +
  "Hodges-Lehmann shift in percent of the median before. _dlv_: delivery.";

/**
 * The comparisons as a comment for a pull request: the verdict, a table of what changed or is undecided, and the rest
 * folded. With `all`, every metric is shown.
 */
export function comparisonMarkdown(comparisons: readonly Comparison[], all: boolean): string {
  const warnings = comparisonWarnings(comparisons);
  const losses = lossChangeSentences(comparisons);
  return [
    `**${verdictSentence(comparisons)}**`,
    ...(losses.length > 0 ? [list(losses)] : []),
    ...comparisons.map((comparison) => comparisonBlock(comparison, all)),
    folded("How to read it", [legend]),
    ...(warnings.length > 0 ? [folded(countOf(warnings.length, "warning"), [list(warnings)])] : []),
  ].join("\n\n");
}

function comparisonBlock({ before, after, pairs, unpaired }: Comparison, all: boolean): string {
  const labels = pairLabels(pairs);
  const visible = pairs.map((pair, i) => ({ label: labels[i]!, ...visibleMetrics(pair, all) }));
  const rows = visible.flatMap(({ label, flagged, others }) =>
    [...flagged, ...others].map((metric): MetricRow => ({ trial: labelText(label), metric })),
  );
  const rowsWith = (...verdicts: MetricVerdict[]): MetricRow[] =>
    verdicts.flatMap((verdict) => rows.filter(({ metric }) => metric.verdict === verdict));
  const open = rowsWith("worse", "better", "undecided", "within noise");
  const hidden = rowsWith("same", "shown");
  const remarks = [
    ...pairs.map((pair, i) => `${labelText(labels[i]!)}: ${repeatsText(pair)}.`),
    ...sharedNotes(visible.map(({ label, flagged, empty }) => ({ label, metrics: [...flagged, ...empty] }))),
  ];
  return [
    `${code(sideLabel(before))} → ${code(sideLabel(after))}`,
    ...(open.length > 0 ? [table(open)] : []),
    ...(hidden.length > 0
      ? [folded(`${countOf(hidden.length, "metric")} the same or not tested`, [table(hidden)])]
      : []),
    folded("Repeats and remarks", [list(remarks)]),
    ...(unpaired.length > 0 ? [folded("Not compared", [list(unpaired.map(({ sentence }) => sentence))])] : []),
  ].join("\n\n");
}

function table(rows: readonly MetricRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    line(columns.map(({ number }) => (number ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map(({ value }) => escaped(value(row))))),
  ].join("\n");
}

function folded(summary: string, parts: readonly string[]): string {
  return ["<details>", `<summary>${summary}</summary>`, "", ...parts, "", "</details>"].join("\n");
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${escaped(sentence)}`).join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** Escapes what would end a cell or begin HTML: the name of a user's transport may contain it. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\s+/g, " ");
}
