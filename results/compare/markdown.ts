import type { Comparison, MetricComparison, PairComparison, MetricVerdict } from "./types.ts";
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

/** A line of the table: a metric and the pair that it is of. */
interface Line {
  name: string;
  metric: MetricComparison;
}

const columns: { heading: string; number?: true; value(line: Line): string }[] = [
  { heading: "verdict", value: ({ metric: { verdict } }) => (verdict === "worse" ? "**worse**" : verdict) },
  { heading: "trial", value: ({ name }) => name },
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

/** How to read the tables. */
const reading =
  "_worse_ and _better_ are real: Holm's p is below 0.05 (of exact bytes any difference counts). _same_: none was found; smaller ones than " +
  "_sees_, which four of five such comparisons show, may hide. _below floor_: two runs of the same thing differ by as much. _change_ and " +
  "_interval_ are of the Hodges-Lehmann shift, in percent of the median before. _dlv_: delivery.";

/**
 * The comparisons as a comment for a pull request: the verdict, a table of what changed or could not be decided, and the rest folded away;
 * with `all` every metric is there.
 */
export function comparisonMarkdown(comparisons: readonly Comparison[], all: boolean): string {
  const warnings = [...new Set(comparisons.flatMap((comparison) => comparison.warnings))];
  return [
    `**${verdictSentence(comparisons)}**`,
    ...comparisons.map((comparison) => block(comparison, all)),
    folded("How to read it", [reading]),
    ...(warnings.length > 0 ? [folded(count(warnings.length, "warning"), [list(warnings)])] : []),
  ].join("\n\n");
}

function block(comparison: Comparison, all: boolean): string {
  const names = pairList(comparison.pairs);
  const lines = comparison.pairs.flatMap((pair, i) => {
    const { flagged, others } = visibleMetrics(pair, all);
    return [...flagged, ...others].map((metric) => ({ name: names[i]!, metric }));
  });
  const having = (...verdicts: MetricVerdict[]): Line[] =>
    verdicts.flatMap((verdict) => lines.filter(({ metric }) => metric.verdict === verdict));
  const [open, quiet] = [having("worse", "better", "undecided", "below floor"), having("same", "shown")];
  const remarks = comparison.pairs.flatMap((pair, i) => remarksOf(names[i]!, pair));
  return [
    `${code(sideLabel(comparison.before))} → ${code(sideLabel(comparison.after))}`,
    ...(open.length > 0 ? [table(open)] : []),
    ...(quiet.length > 0 ? [folded(`${count(quiet.length, "metric")} the same or never flagged`, [table(quiet)])] : []),
    folded("Repeats and remarks", [list(remarks)]),
    ...(comparison.unpaired.length > 0
      ? [folded(`${comparison.unpaired.length} not compared`, [list(comparison.unpaired)])]
      : []),
  ].join("\n\n");
}

function remarksOf(name: string, pair: PairComparison): string[] {
  const { flagged, empty } = visibleMetrics(pair, false);
  return [
    `${name}: ${repeatsText(pair)}.`,
    ...metricNotes([...flagged, ...empty]).map((remark) => `${name}: ${remark}`),
  ];
}

function table(lines: readonly Line[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(columns.map(({ heading }) => heading)),
    row(columns.map(({ number }) => (number ? "---:" : "---"))),
    ...lines.map((line) => row(columns.map(({ value }) => escaped(value(line))))),
  ].join("\n");
}

function folded(summary: string, parts: readonly string[]): string {
  return ["<details>", `<summary>${summary}</summary>`, "", ...parts, "", "</details>"].join("\n");
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${escaped(sentence)}`).join("\n");
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

/** What would end a cell or begin HTML, as a name of the user's own may. */
function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\s+/g, " ");
}
