import { textTable, wrapText, type TextColumn } from "../text/text-table.ts";
import {
  comparisonWarnings,
  formatDetectable,
  formatInterval,
  formatShift,
  formatSignedPercent,
  lossChangeSentences,
  metricLabel,
  metricValue,
  repeatCounts,
  repeatsText,
  sharedNotes,
  sideLabel,
  verdictSentence,
} from "./format.ts";
import { labelText, pairLabels } from "./labels.ts";
import type { Comparison, MetricComparison } from "./types.ts";
import { visibleMetrics } from "./visible-metrics.ts";

const numbers: TextColumn<MetricComparison>[] = [
  { heading: "before", number: true, value: ({ metric, before }) => metricValue(metric, before) },
  { heading: "after", number: true, value: ({ metric, after }) => metricValue(metric, after) },
  { heading: "change", number: true, value: ({ shift, before }) => formatSignedPercent(formatShift(shift, before)) },
  { heading: "interval %", number: true, value: formatInterval },
  { heading: "sees", number: true, value: formatDetectable },
];

const testedColumns: TextColumn<MetricComparison>[] = [
  { heading: "verdict", value: ({ verdict }) => verdict },
  { heading: "metric", value: ({ metric }) => metricLabel(metric) },
  ...numbers,
];

const shownColumns: TextColumn<MetricComparison>[] = [
  { heading: "not tested", value: ({ metric }) => metricLabel(metric) },
  ...numbers,
];

/** The explanation of the tables, in lines of at most 80 columns. */
export const comparisonLegend = [
  "worse, better: a real change (Holm's p < 0.05; 'exact': any difference).",
  "same: no change found. A smaller one than 'sees' may be missed (80 % power).",
  "within noise: no larger than the noise floor, the shift between equal builds.",
  "change, interval: Hodges-Lehmann shift in % of the median before. dlv: delivery.",
];

/** The comparisons as text of at most 80 columns, except file names. With `all`, every metric is shown. */
export function comparisonText(comparisons: readonly Comparison[], all: boolean): string {
  const blocks = comparisons.map((comparison) => comparisonBlock(comparison, all));
  const warnings = comparisonWarnings(comparisons).map((warning) => wrapText(`Warning: ${warning}`));
  const lead = [
    verdictSentence(comparisons),
    ...lossChangeSentences(comparisons).map((each) => wrapText(`Worse: ${each}`)),
  ];
  return [lead.join("\n"), ...blocks, comparisonLegend.join("\n"), warnings.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The sides, a table for each pair, and below them the remarks that pairs share. */
function comparisonBlock({ before, after, pairs, unpaired }: Comparison, all: boolean): string {
  const labels = pairLabels(pairs);
  const repeats = new Set(pairs.map(repeatCounts));
  const sides = [`before   ${sideLabel(before)}`, `after    ${sideLabel(after)}`];
  if (repeats.size === 1) sides.push(`repeats  ${[...repeats][0]}`);
  const visible = pairs.map((pair, i) => ({ pair, label: labels[i]!, ...visibleMetrics(pair, all) }));
  const tables = visible.map(({ pair, label, flagged, others }) => {
    const heading = repeats.size === 1 ? labelText(label) : `${labelText(label)}: ${repeatsText(pair)}`;
    return pairTable(heading, flagged, others);
  });
  const notes = sharedNotes(
    visible.map(({ label, flagged, others, empty }) => ({ label, metrics: [...flagged, ...others, ...empty] })),
  );
  const remarks = [...notes, ...unpaired.map(({ sentence }) => `Not compared: ${sentence}`)];
  return [sides.join("\n"), ...tables, remarks.map(wrapText).join("\n")].filter((part) => part !== "").join("\n\n");
}

function pairTable(heading: string, flagged: readonly MetricComparison[], others: readonly MetricComparison[]): string {
  return [
    wrapText(heading),
    ...(flagged.length > 0 ? [textTable(testedColumns, flagged)] : []),
    ...(others.length > 0 ? [textTable(shownColumns, others)] : []),
  ].join("\n");
}
