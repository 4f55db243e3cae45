import { UserError } from "../../scenarios/lib/errors.ts";
import type { Comparison, MetricComparison, PairComparison, Verdict } from "./types.ts";
import { decide } from "./test-metrics.ts";
import { floorIn, type Floors } from "./noise-floors.ts";
import { isItself, pair, type Pair, type Renamed } from "./pairing.ts";
import { librariesDiffer, placesDiffer } from "./environment-diff.ts";
import { samplesOf } from "./samples.ts";
import type { Recorded } from "./baseline.ts";
import { trialsDiffer } from "./settings-diff.ts";
import { percentOf } from "./format.ts";

/**
 * Compares two sides. Where they are of one run their trials were interleaved, and no floor applies. Throws a UserError where nothing of one
 * side has a partner on the other.
 */
export function compare(
  before: Recorded,
  after: Recorded,
  { renamed, floors }: { renamed: readonly Renamed[]; floors: Floors },
): Comparison {
  const { pairs, unpaired } = pair(before.rows, after.rows, renamed);
  if (pairs.length === 0) throw new UserError(`Nothing can be compared. ${unpaired.slice(0, 3).join(" ")}`.trim());
  const [run, ...others] = new Set([...before.rows, ...after.rows].map(({ run_id }) => run_id));
  const interleaved = run !== undefined && others.length === 0;
  const decided = decide(pairs.map(samplesOf), interleaved ? undefined : (metric) => floorIn(floors, metric));
  return {
    before: { path: before.path, build: before.build },
    after: { path: after.path, build: after.build },
    interleaved,
    pairs: pairs.map((each, i) => compared(each, decided[i]!)).toSorted(mostWorse),
    unpaired,
    warnings: [
      ...new Set([...before.warnings, ...after.warnings]),
      ...recordsDiffer(before, after, renamed),
      ...(interleaved ? [] : floorWarning(after, floors)),
      ...rowWarnings(before, after, pairs),
    ],
  };
}

function compared({ keys, transport, before, after }: Pair, metrics: readonly MetricComparison[]): PairComparison {
  const repeats = { before: before.length, after: after.length };
  return { keys, transport, repeats, metrics: metrics.toSorted(worstFirst) };
}

const order: Verdict[] = ["worse", "better", "undecided", "below floor", "same", "shown"];

/** By verdict, what got worse or better by its size; the others stay in the order of the columns. */
function worstFirst(one: MetricComparison, other: MetricComparison): number {
  const size = ({ verdict, shift, before }: MetricComparison): number =>
    verdict === "worse" || verdict === "better" ? Math.abs(percentOf(shift, before) ?? 0) : 0;
  const [its, others] = [size(one), size(other)];
  return order.indexOf(one.verdict) - order.indexOf(other.verdict) || (its === others ? 0 : others - its);
}

function mostWorse(one: PairComparison, other: PairComparison): number {
  const worse = ({ metrics }: PairComparison): number => metrics.filter(({ verdict }) => verdict === "worse").length;
  return worse(other) - worse(one);
}

function recordsDiffer(
  { record: before }: Recorded,
  { record: after }: Recorded,
  renamed: readonly Renamed[],
): string[] {
  if (!before || !after) return [];
  const differ = before.run_id === after.run_id ? librariesDiffer : placesDiffer;
  return [...differ(before.environment, after.environment), ...trialsDiffer(before, after, renamed)];
}

function floorWarning({ record }: Recorded, { cpu, measured_on }: Floors): string[] {
  return record && record.environment.cpu !== cpu
    ? [`What two runs differ by was measured elsewhere (${cpu}, ${measured_on}): measure it here with --learn-floors.`]
    : [];
}

/** What the rows say of themselves: how many are left out, how many are suspect, and whether the sides are two at all. */
function rowWarnings(before: Recorded, after: Recorded, pairs: readonly Pair[]): string[] {
  const sides = (
    [
      ["before", before],
      ["after", after],
    ] as const
  ).map(([side, { rows }]) => {
    const names = pairs.map(({ transport }) => transport[side]);
    return { side, rows: rows.filter(({ transport }) => names.includes(transport!)) };
  });
  const having = (rows: Recorded["rows"], ...statuses: string[]): number =>
    rows.filter(({ status }) => statuses.includes(status!)).length;
  const counted = sides.flatMap(({ rows, side }) => {
    const [out, doubtful] = [having(rows, "invalid", "failed"), having(rows, "suspect")];
    return [
      ...(out > 0 ? [`${out} of ${rows.length} rows ${side} are invalid or failed and do not count.`] : []),
      ...(doubtful > 0 ? [`${doubtful} of ${rows.length} rows ${side} are suspect: read why in their reasons.`] : []),
    ];
  });
  return pairs.every(isItself) ? ["Both sides are the same trials: nothing can differ.", ...counted] : counted;
}
