import { formatCsvLine } from "../files/csv.ts";
import { columnsFor } from "../model/columns.ts";
import { comparisonWarnings, countVerdicts, formatShift, lossChangeSentences, verdictSentence } from "./format.ts";
import type { Comparison, MetricComparison, PairComparison } from "./types.ts";

/** The comparisons as JSON. A number that is not known, or is infinite, is null. */
export function comparisonJson(comparisons: readonly Comparison[]): string {
  const content = {
    summary: verdictSentence(comparisons),
    losses: lossChangeSentences(comparisons),
    verdicts: countVerdicts(comparisons),
    warnings: comparisonWarnings(comparisons),
    comparisons,
  };
  return JSON.stringify(content, (_, value: unknown) => value ?? null, 2);
}

type Cell = string | number | undefined;

interface CsvLine {
  comparison: Comparison;
  pair: PairComparison;
  metric: MetricComparison;
}

/** The columns of the CSV, in order. */
const cells: Record<string, (line: CsvLine) => Cell> = {
  before_file: ({ comparison }) => comparison.before.path,
  before_build: ({ comparison }) => comparison.before.build,
  after_file: ({ comparison }) => comparison.after.path,
  after_build: ({ comparison }) => comparison.after.build,
  interleaved: ({ comparison }) => String(comparison.interleaved),
  before_transport: ({ pair }) => pair.transport.before,
  after_transport: ({ pair }) => pair.transport.after,
  ...Object.fromEntries(
    columnsFor("match")
      .filter((name) => name !== "transport")
      .map((name) => [name, ({ pair }: CsvLine) => pair.keys[name]]),
  ),
  before_repeats: ({ pair }) => pair.repeats.before,
  after_repeats: ({ pair }) => pair.repeats.after,
  metric: ({ metric }) => metric.metric,
  exact: ({ metric }) => String(metric.exact),
  before: ({ metric }) => metric.before,
  after: ({ metric }) => metric.after,
  shift: ({ metric }) => metric.shift,
  shift_percent: ({ metric }) => finiteNumber(formatShift(metric.shift, metric.before)),
  low: ({ metric }) => metric.low,
  high: ({ metric }) => metric.high,
  coverage: ({ metric }) => metric.coverage,
  detectable: ({ metric }) => metric.detectable,
  p: ({ metric }) => metric.p,
  noise_floor: ({ metric }) => metric.noiseFloor,
  verdict: ({ metric }) => metric.verdict,
  note: ({ metric }) => metric.note,
};

/** The comparisons as CSV with a header: one line per metric. A value that is not known is empty. */
export function comparisonCsv(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((comparison) =>
    comparison.pairs.flatMap((pair) => pair.metrics.map((metric) => ({ comparison, pair, metric }))),
  );
  const rows = lines.map((line) => Object.fromEntries(Object.entries(cells).map(([name, of]) => [name, of(line)])));
  return ["header" as const, ...rows].map((row) => formatCsvLine<Record<string, Cell>>(row, cells)).join("");
}

function finiteNumber(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Number(value.toFixed(4)) : undefined;
}
