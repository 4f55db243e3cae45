import { columns } from "../model/columns.ts";
import { median } from "../statistics/median.ts";
import { smallestDetectable } from "../statistics/minimum-detectable-effect.ts";
import { hodgesLehmann } from "../statistics/hodges-lehmann.ts";
import { holm } from "../statistics/holm.ts";
import { mannWhitney, repeatsNeeded, smallestP } from "../statistics/mann-whitney.ts";
import type { MetricComparison, MetricVerdict } from "./types.ts";
import { testKindOf, type TestedMetric, type MetricSample } from "./samples.ts";

/** The chance that anything at all is said to have got worse or better in a comparison in which nothing did. */
const alpha = 0.05;

/** What a metric's statistics depend on beyond its own repeats. */
interface Family {
  /** The p that the smallest of all p must be below: Holm's strictest threshold. */
  strictest: number;
  /** The adjusted p of each sample that is decided by statistics. */
  adjusted: ReadonlyMap<MetricSample, number>;
}

/**
 * Decides every sample of a comparison. All those that are decided by statistics are one family (Holm), however many pairs they belong to.
 * `floor` says what two separate runs of the same thing differ by, in percent; without it both sides are of one run.
 */
export function testMetrics(
  pairs: readonly (readonly MetricSample[])[],
  floor: ((metric: TestedMetric) => number) | undefined,
): MetricComparison[][] {
  const tested = pairs.flat().filter(({ by }) => by === "statistics");
  const ps = holm(tested.map(exactP));
  const family = {
    strictest: alpha / Math.max(1, tested.length),
    adjusted: new Map(tested.map((sample, i) => [sample, ps[i]!])),
  };
  return pairs.map((samples) => samples.map((sample) => compared(sample, family, floor)));
}

/** With ties p is an approximation, which can fall below what so few repeats can show. */
function exactP({ before, after }: MetricSample): number {
  return Math.max(mannWhitney(before, after), smallestP(before.length, after.length));
}

function compared(
  sample: MetricSample,
  family: Family,
  floor: ((metric: TestedMetric) => number) | undefined,
): MetricComparison {
  const { metric, before, after, by } = sample;
  const found = hodgesLehmann(before, after);
  const centre = median(before);
  const tested = by === "statistics";
  const least = tested && floor && centre !== undefined ? (floor(metric) / 100) * Math.abs(centre) : undefined;
  const shift = found && {
    shift: round(found.shift),
    low: round(by === "equality" ? found.shift : found.low),
    high: round(by === "equality" ? found.shift : found.high),
    coverage: by === "equality" ? 1 : found.coverage,
  };
  const seen = by === "equality" ? 0 : smallestDetectable(before, after, tested ? family.strictest : alpha);
  const p = family.adjusted.get(sample);
  return {
    metric,
    before: centre,
    after: median(after),
    shift: shift?.shift,
    low: shift?.low,
    high: shift?.high,
    coverage: shift?.coverage,
    detectable: seen === undefined || least === undefined ? maybeRound(seen) : round(Math.max(seen, least)),
    p,
    floor: maybeRound(least),
    ...judged(sample, family, shift?.shift ?? 0, p, least),
  };
}

function judged(
  { metric, before, after, by, note }: MetricSample,
  { strictest }: Family,
  shift: number,
  p: number | undefined,
  floor: number | undefined,
): { verdict: MetricVerdict; note: string } {
  const none = before.length + after.length === 0;
  const say = (verdict: MetricVerdict, ...more: string[]): { verdict: MetricVerdict; note: string } => ({
    verdict,
    note: [note, ...more].filter((each) => each !== "").join("; "),
  });
  if (by === "nothing") return say(testKindOf(metric) === undefined || none ? "shown" : "undecided");
  if (shift !== 0 && (by === "equality" || p! < alpha))
    return floor !== undefined && Math.abs(shift) <= floor ? say("below floor") : say(direction(metric, shift));
  if (by === "statistics" && smallestP(before.length, after.length) >= strictest)
    return say("undecided", `needs ${repeatsNeeded(strictest)} repeats a side`);
  return say("same");
}

function direction(metric: TestedMetric, shift: number): "worse" | "better" {
  const column = columns[metric];
  const higher = "better" in column && column.better === "higher";
  return shift > 0 === higher ? "better" : "worse";
}

/** Measured numbers have three digits behind the point at most; what binary fractions add behind them is not in them. */
function round(value: number): number {
  return Number(value.toFixed(6)) + 0;
}

function maybeRound(value: number | undefined): number | undefined {
  return value === undefined ? undefined : round(value);
}
