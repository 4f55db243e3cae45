import { readWarningTexts } from "../files/read-warnings.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import type { Comparison, MetricComparison, PairComparison, MetricVerdict } from "./types.ts";
import { testMetrics } from "./test-metrics.ts";
import { noiseFloorOf, type NoiseFloors } from "./noise-floors.ts";
import { isSameRun, pairTransports, type TransportPair, type Renames } from "./pairing.ts";
import { librariesDiffer, environmentDiff } from "./environment-diff.ts";
import { metricSamples } from "./samples.ts";
import type { RecordedRows } from "./baseline.ts";
import { settingsDiff } from "./settings-diff.ts";
import { formatShift } from "./format.ts";

/**
 * Compares two sides. Where they are of one run their trials were interleaved, and no floor applies. Throws a UserError where nothing of one
 * side has a partner on the other.
 */
export function compare(
  before: RecordedRows,
  after: RecordedRows,
  { renamed, floors }: { renamed: readonly Renames[]; floors: NoiseFloors },
): Comparison {
  const { pairs, unpaired } = pairTransports(before.rows, after.rows, renamed);
  if (pairs.length === 0) throw new UserError(`Nothing can be compared. ${unpaired.slice(0, 3).join(" ")}`.trim());
  const [run, ...others] = new Set([...before.rows, ...after.rows].map(({ run_id }) => run_id));
  const interleaved = run !== undefined && others.length === 0;
  const decided = testMetrics(
    pairs.map(metricSamples),
    interleaved ? undefined : (metric) => noiseFloorOf(floors, metric),
  );
  return {
    before: { path: before.path, build: before.build },
    after: { path: after.path, build: after.build },
    interleaved,
    pairs: pairs.map((each, i) => compared(each, decided[i]!)).toSorted(mostWorse),
    unpaired,
    warnings: [
      ...readWarningTexts([...before.warnings, ...after.warnings]),
      ...recordsDiffer(before, after, renamed),
      ...(interleaved ? [] : floorWarning(after, floors)),
      ...rowWarnings(before, after, pairs),
    ],
  };
}

function compared(
  { keys, transport, before, after }: TransportPair,
  metrics: readonly MetricComparison[],
): PairComparison {
  const repeats = { before: before.length, after: after.length };
  return { keys, transport, repeats, metrics: metrics.toSorted(worstFirst) };
}

const order: MetricVerdict[] = ["worse", "better", "undecided", "below floor", "same", "shown"];

/** By verdict, what got worse or better by its size; the others stay in the order of the columns. */
function worstFirst(one: MetricComparison, other: MetricComparison): number {
  const size = ({ verdict, shift, before }: MetricComparison): number =>
    verdict === "worse" || verdict === "better" ? Math.abs(formatShift(shift, before) ?? 0) : 0;
  const [its, others] = [size(one), size(other)];
  return order.indexOf(one.verdict) - order.indexOf(other.verdict) || (its === others ? 0 : others - its);
}

function mostWorse(one: PairComparison, other: PairComparison): number {
  const worse = ({ metrics }: PairComparison): number => metrics.filter(({ verdict }) => verdict === "worse").length;
  return worse(other) - worse(one);
}

function recordsDiffer(
  { record: before }: RecordedRows,
  { record: after }: RecordedRows,
  renamed: readonly Renames[],
): string[] {
  if (!before || !after) return [];
  const differ = before.run_id === after.run_id ? librariesDiffer : environmentDiff;
  return [...differ(before.environment, after.environment), ...settingsDiff(before, after, renamed)];
}

function floorWarning({ record }: RecordedRows, { cpu, measured_on }: NoiseFloors): string[] {
  return record && record.environment.cpu !== cpu
    ? [`What two runs differ by was measured elsewhere (${cpu}, ${measured_on}): measure it here with --measure-noise.`]
    : [];
}

/** What the rows say of themselves: how many are left out, how many are suspect, and whether the sides are two at all. */
function rowWarnings(before: RecordedRows, after: RecordedRows, pairs: readonly TransportPair[]): string[] {
  const sides = (
    [
      ["before", before],
      ["after", after],
    ] as const
  ).map(([side, { rows }]) => {
    const names = pairs.map(({ transport }) => transport[side]);
    return { side, rows: rows.filter(({ transport }) => names.includes(transport!)) };
  });
  const having = (rows: RecordedRows["rows"], ...statuses: string[]): number =>
    rows.filter(({ status }) => statuses.includes(status!)).length;
  const counted = sides.flatMap(({ rows, side }) => {
    const [out, doubtful] = [having(rows, "invalid", "failed"), having(rows, "suspect")];
    return [
      ...(out > 0 ? [`${out} of ${rows.length} rows ${side} are invalid or failed and do not count.`] : []),
      ...(doubtful > 0 ? [`${doubtful} of ${rows.length} rows ${side} are suspect: read why in their reasons.`] : []),
    ];
  });
  return pairs.every(isSameRun) ? ["Both sides are the same trials: nothing can differ.", ...counted] : counted;
}
