import { UserError } from "../../scenarios/lib/errors.ts";
import type { Row } from "../model/columns.ts";
import type { RecordedRows } from "./baseline.ts";
import { environmentDiff, librariesDiff } from "./environment-diff.ts";
import { formatShift } from "./format.ts";
import { pairList } from "./labels.ts";
import { noiseFloorPercent, type NoiseFloor } from "./noise-floor.ts";
import { isSameRun, pairTransports, type TransportPair, type TransportRename } from "./pairing.ts";
import { isOutcome, outcomeMetrics } from "./outcomes.ts";
import { isDeliveryCount, metricSamples } from "./samples.ts";
import { settingsDiff } from "./settings-diff.ts";
import { testMetrics } from "./significance.ts";
import type { Comparison, MetricComparison, MetricVerdict, PairComparison, UnpairedTrials } from "./types.ts";

/** Which transports are compared under two names, and the noise floor between two runs. */
export interface CompareOptions {
  renames: readonly TransportRename[];
  noiseFloor: NoiseFloor;
}

/**
 * Compares two sides. The trials of one run were interleaved, so that no noise floor applies between them. Throws a
 * UserError where no trial has a partner.
 */
export function compare(
  before: RecordedRows,
  after: RecordedRows,
  { renames, noiseFloor }: CompareOptions,
): Comparison {
  const { pairs, unpaired } = pairTransports(before.rows, after.rows, renames);
  if (pairs.every(({ all }) => all.after.length === 0)) throw nothingInCommon(pairs, unpaired);
  const runIds = new Set([...before.rows, ...after.rows].map(({ run_id }) => run_id));
  const interleaved = runIds.size === 1 && !runIds.has(undefined);
  const tested = testMetrics(
    pairs.map((pair) => (pair.after.length === 0 ? [] : metricSamples(pair))),
    interleaved ? undefined : (metric) => noiseFloorPercent(noiseFloor, metric),
  );
  return {
    before: { path: before.path, build: before.build },
    after: { path: after.path, build: after.build },
    interleaved,
    pairs: pairs.map((pair, i) => comparePair(pair, tested[i]!)).toSorted(bySeverity),
    unpaired,
    readWarnings: [...before.warnings, ...after.warnings],
    warnings: [
      ...recordsDiff(before, after, renames),
      ...(interleaved ? [] : noiseFloorWarnings(after, noiseFloor)),
      ...rowWarnings(before, after, pairs),
    ],
  };
}

/** Not one trial was measured on both sides: the files are probably not the ones that the user meant. */
function nothingInCommon(gone: readonly TransportPair[], unpaired: readonly UnpairedTrials[]): UserError {
  const missing = pairList(gone).map((name) => `${name}: not measured after.`);
  const why = [...unpaired.map(({ sentence }) => sentence), ...missing].slice(0, 3);
  return new UserError(["No trials can be compared.", ...why].join(" "));
}

function comparePair(pair: TransportPair, tested: readonly MetricComparison[]): PairComparison {
  const { keys, transport, before, after } = pair;
  const repeats = { before: before.length, after: after.length };
  const suspect = { before: countSuspect(before), after: countSuspect(after) };
  return { keys, transport, repeats, suspect, metrics: [...outcomeMetrics(pair), ...tested].toSorted(byVerdict) };
}

function countSuspect(rows: readonly Row[]): number {
  return rows.filter(({ status }) => status === "suspect").length;
}

const verdictOrder: MetricVerdict[] = ["worse", "better", "undecided", "within noise", "same", "shown"];

/**
 * By verdict; worse and better metrics by their rank and the size of their change, others in the order of the columns.
 */
function byVerdict(one: MetricComparison, other: MetricComparison): number {
  const changed = one.verdict === "worse" || one.verdict === "better";
  const size = ({ shift, before }: MetricComparison): number => Math.abs(formatShift(shift, before) ?? 0);
  const [sizeOfOne, sizeOfOther] = [size(one), size(other)];
  const order = verdictOrder.indexOf(one.verdict) - verdictOrder.indexOf(other.verdict);
  if (order !== 0 || !changed) return order;
  // Two infinite sizes are equal: their difference is not a number.
  return rankOf(other) - rankOf(one) || (sizeOfOne === sizeOfOther ? 0 : sizeOfOther - sizeOfOne);
}

/** Trials that are gone are worst, then messages that went wrong, then all other metrics. */
function rankOf({ metric }: MetricComparison): number {
  if (isOutcome(metric)) return 2;
  return isDeliveryCount(metric) ? 1 : 0;
}

function bySeverity(one: PairComparison, other: PairComparison): number {
  const [worseOfOne, worseOfOther] = [one, other].map(({ metrics }) =>
    metrics.filter(({ verdict }) => verdict === "worse"),
  ) as [MetricComparison[], MetricComparison[]];
  const rank = (worse: readonly MetricComparison[]): number => Math.max(0, ...worse.map(rankOf));
  return rank(worseOfOther) - rank(worseOfOne) || worseOfOther.length - worseOfOne.length;
}

function recordsDiff(
  { record: before }: RecordedRows,
  { record: after }: RecordedRows,
  renames: readonly TransportRename[],
): string[] {
  if (!before || !after) return [];
  const differ = before.run_id === after.run_id ? librariesDiff : environmentDiff;
  return [...differ(before.environment, after.environment), ...settingsDiff(before, after, renames)];
}

function noiseFloorWarnings({ record }: RecordedRows, { cpu, measured_on }: NoiseFloor): string[] {
  if (!record || record.environment.cpu === cpu) return [];
  return [
    `The noise floor was measured on another CPU (${cpu}, ${measured_on}). Measure it on this one with --measure-noise FILE.`,
  ];
}

/** Warnings about the rows: both sides are the same trials, some rows do not count, or some are suspect. */
function rowWarnings(before: RecordedRows, after: RecordedRows, pairs: readonly TransportPair[]): string[] {
  const compared = (side: "before" | "after", { rows }: RecordedRows): Row[] => {
    const names = pairs.map(({ transport }) => transport[side]);
    return rows.filter(({ transport }) => names.includes(transport!));
  };
  const sides = [["before", compared("before", before)] as const, ["after", compared("after", after)] as const];
  const counts = (...statuses: string[]): string =>
    sides
      .map(([side, rows]) => ({ side, all: rows.length, some: rows.filter((row) => statuses.includes(row.status!)) }))
      .filter(({ some }) => some.length > 0)
      .map(({ side, all, some }) => `${some.length} of ${all} ${side}`)
      .join(", ");
  const [unused, suspect] = [counts("invalid", "failed"), counts("suspect")];
  return [
    ...(pairs.every(isSameRun) ? ["Both sides are the same trials, so nothing can differ."] : []),
    ...(unused === "" ? [] : [`Rows that are invalid or failed and do not count: ${unused}.`]),
    ...(suspect === "" ? [] : [`Suspect rows: ${suspect}. Read the column "reasons" in the CSV.`]),
  ];
}
