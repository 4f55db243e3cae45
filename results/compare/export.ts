import { columnsFor, type ColumnName, type Row } from "../model/columns.ts";
import { formatCsvLine } from "../files/csv.ts";
import type { Comparison, MetricComparison, PairComparison } from "./types.ts";
import { formatShift, countVerdicts, verdictSentence } from "./format.ts";

/** Everything as JSON: what is not known, or infinite, is null. */
export function comparisonJson(comparisons: readonly Comparison[]): string {
  const whole = { says: verdictSentence(comparisons), verdicts: countVerdicts(comparisons), comparisons };
  return JSON.stringify(whole, (_, value: unknown) => value ?? null, 2);
}

type Cell = string | number | undefined;

/** What a line of the CSV is made of. */
interface Line {
  comparison: Comparison;
  pair: PairComparison;
  metric: MetricComparison;
}

/** Each column of the CSV, in their order. */
const cells: Record<string, (line: Line) => Cell> = {
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
      .map((name) => [name, ({ pair }: Line) => pair.keys[name as keyof Row]]),
  ),
  before_repeats: ({ pair }) => pair.repeats.before,
  after_repeats: ({ pair }) => pair.repeats.after,
  metric: ({ metric }) => metric.metric satisfies ColumnName,
  before: ({ metric }) => metric.before,
  after: ({ metric }) => metric.after,
  shift: ({ metric }) => metric.shift,
  shift_percent: ({ metric }) => tidy(formatShift(metric.shift, metric.before)),
  low: ({ metric }) => metric.low,
  high: ({ metric }) => metric.high,
  coverage: ({ metric }) => metric.coverage,
  detectable: ({ metric }) => metric.detectable,
  p: ({ metric }) => metric.p,
  floor: ({ metric }) => metric.floor,
  verdict: ({ metric }) => metric.verdict,
  note: ({ metric }) => metric.note,
};

/** Everything as CSV, a line per metric, header included; what is not known is empty. */
export function comparisonCsv(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((comparison) =>
    comparison.pairs.flatMap((pair) => pair.metrics.map((metric) => ({ comparison, pair, metric }))),
  );
  const rows = lines.map((line) => Object.fromEntries(Object.entries(cells).map(([name, of]) => [name, of(line)])));
  return ["header" as const, ...rows].map((row) => formatCsvLine<Record<string, Cell>>(row, cells)).join("");
}

function tidy(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Number(value.toFixed(4)) : undefined;
}
