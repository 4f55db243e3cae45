import { textTable, wrapText, type TextColumn } from "../text/text-table.ts";
import type { Comparison, MetricComparison, PairComparison } from "./types.ts";
import { visibleMetrics } from "./visible-metrics.ts";
import {
  formatInterval,
  metricLabel,
  pairList,
  formatShift,
  formatSignedPercent,
  metricNotes,
  repeatsText,
  formatDetectable,
  sideLabel,
  metricValue,
  verdictSentence,
} from "./format.ts";

const numbers: TextColumn<MetricComparison>[] = [
  { heading: "before", number: true, value: ({ metric, before }) => metricValue(metric, before) },
  { heading: "after", number: true, value: ({ metric, after }) => metricValue(metric, after) },
  { heading: "change", number: true, value: ({ shift, before }) => formatSignedPercent(formatShift(shift, before)) },
  { heading: "interval %", number: true, value: formatInterval },
  { heading: "sees", number: true, value: formatDetectable },
];

const decided: TextColumn<MetricComparison>[] = [
  { heading: "verdict", value: ({ verdict }) => verdict },
  { heading: "metric", value: ({ metric }) => metricLabel(metric) },
  ...numbers,
];

const shown: TextColumn<MetricComparison>[] = [
  { heading: "never flagged", value: ({ metric }) => metricLabel(metric) },
  ...numbers,
];

/** How to read the tables, in lines of at most 80 columns. */
export const comparisonLegend = [
  "worse, better: real (statistics: Holm's p < 0.05; exact bytes: any difference).",
  "same: none found; smaller ones than sees, which 4 of 5 such comparisons show,",
  "may hide. below floor: two runs of the same thing differ by as much.",
  "change, interval: Hodges-Lehmann shift in % of the median before. dlv: delivery.",
];

/** The comparisons as text of at most 80 columns (names of files aside); with `all` every metric. */
export function comparisonText(comparisons: readonly Comparison[], all: boolean): string {
  const blocks = comparisons.map((comparison) => block(comparison, all));
  const warnings = [...new Set(comparisons.flatMap((comparison) => comparison.warnings))];
  const last = [comparisonLegend.join("\n"), warnings.map((warning) => wrapText(`Warning: ${warning}`)).join("\n")];
  return [verdictSentence(comparisons), ...blocks, ...last].filter((part) => part !== "").join("\n\n");
}

function block(comparison: Comparison, all: boolean): string {
  const names = pairList(comparison.pairs);
  const tables = comparison.pairs.map((pair, i) => pairTable(names[i]!, pair, all));
  const sides = `before  ${sideLabel(comparison.before)}\nafter   ${sideLabel(comparison.after)}`;
  const unpaired = comparison.unpaired.map((sentence) => wrapText(`Not compared: ${sentence}`)).join("\n");
  return [sides, ...tables, unpaired].filter((part) => part !== "").join("\n\n");
}

function pairTable(name: string, pair: PairComparison, all: boolean): string {
  const { flagged, others, empty } = visibleMetrics(pair, all);
  return [
    wrapText(`${name}: ${repeatsText(pair)}`),
    ...(flagged.length > 0 ? [textTable(decided, flagged)] : []),
    ...(others.length > 0 ? [textTable(shown, others)] : []),
    ...metricNotes([...flagged, ...others, ...empty]).map(wrapText),
  ].join("\n");
}
