import { grid, wrap, type Shown } from "../text/text-table.ts";
import type { Comparison, MetricComparison, PairComparison } from "./types.ts";
import { told } from "./visible-metrics.ts";
import {
  intervalOf,
  labelOf,
  pairNames,
  percentOf,
  percentSign,
  remarksOn,
  repeatsOf,
  seenOf,
  sideName,
  valueOf,
  verdictSentence,
} from "./format.ts";

const numbers: Shown<MetricComparison>[] = [
  { heading: "before", number: true, value: ({ metric, before }) => valueOf(metric, before) },
  { heading: "after", number: true, value: ({ metric, after }) => valueOf(metric, after) },
  { heading: "change", number: true, value: ({ shift, before }) => percentSign(percentOf(shift, before)) },
  { heading: "interval %", number: true, value: intervalOf },
  { heading: "sees", number: true, value: seenOf },
];

const decided: Shown<MetricComparison>[] = [
  { heading: "verdict", value: ({ verdict }) => verdict },
  { heading: "metric", value: ({ metric }) => labelOf(metric) },
  ...numbers,
];

const shown: Shown<MetricComparison>[] = [
  { heading: "never flagged", value: ({ metric }) => labelOf(metric) },
  ...numbers,
];

/** How to read the tables, in lines of at most 80 columns. */
export const legend = [
  "worse, better: real (statistics: Holm's p < 0.05; exact bytes: any difference).",
  "same: none found; smaller ones than sees, which 4 of 5 such comparisons show,",
  "may hide. below floor: two runs of the same thing differ by as much.",
  "change, interval: Hodges-Lehmann shift in % of the median before. dlv: delivery.",
];

/** The comparisons as text of at most 80 columns (names of files aside); with `all` every metric. */
export function terminal(comparisons: readonly Comparison[], all: boolean): string {
  const blocks = comparisons.map((comparison) => block(comparison, all));
  const warnings = [...new Set(comparisons.flatMap((comparison) => comparison.warnings))];
  const last = [legend.join("\n"), warnings.map((warning) => wrap(`Warning: ${warning}`)).join("\n")];
  return [verdictSentence(comparisons), ...blocks, ...last].filter((part) => part !== "").join("\n\n");
}

function block(comparison: Comparison, all: boolean): string {
  const names = pairNames(comparison.pairs);
  const tables = comparison.pairs.map((pair, i) => pairTable(names[i]!, pair, all));
  const sides = `before  ${sideName(comparison.before)}\nafter   ${sideName(comparison.after)}`;
  const unpaired = comparison.unpaired.map((sentence) => wrap(`Not compared: ${sentence}`)).join("\n");
  return [sides, ...tables, unpaired].filter((part) => part !== "").join("\n\n");
}

function pairTable(name: string, pair: PairComparison, all: boolean): string {
  const { flagged, others, empty } = told(pair, all);
  return [
    wrap(`${name}: ${repeatsOf(pair)}`),
    ...(flagged.length > 0 ? [grid(decided, flagged)] : []),
    ...(others.length > 0 ? [grid(shown, others)] : []),
    ...remarksOn([...flagged, ...others, ...empty]).map(wrap),
  ].join("\n");
}
