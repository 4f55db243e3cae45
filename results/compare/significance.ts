import { columns } from "../model/columns.ts";
import { meanOf } from "../statistics/mean.ts";
import { median } from "../statistics/median.ts";
import { smallestDetectable } from "../statistics/minimum-detectable-effect.ts";
import { hodgesLehmann } from "../statistics/hodges-lehmann.ts";
import { holm } from "../statistics/holm.ts";
import { mannWhitney, repeatsNeeded, smallestP } from "../statistics/mann-whitney.ts";
import { exactComparison } from "./outcomes.ts";
import type { MetricComparison } from "./types.ts";
import { testKindOf, type TestedMetric, type MetricSample } from "./samples.ts";

/** The probability that a comparison in which nothing changed has any worse or better metric. */
const alpha = 0.05;

/** Values shared by all tests of a comparison, which are one family. */
interface Family {
  /** The smallest p of the family must be below this: Holm's strictest threshold. */
  strictest: number;
  /** The adjusted p of each sample that is tested by statistics. */
  adjusted: ReadonlyMap<MetricSample, number>;
}

/**
 * Tests every sample of a comparison. All samples that are tested by statistics are one family (Holm), over all pairs.
 * `noiseFloorOf` is the noise floor of a metric in percent; undefined where both sides were measured in one run.
 */
export function testMetrics(
  pairs: readonly (readonly MetricSample[])[],
  noiseFloorOf: ((metric: TestedMetric) => number) | undefined,
): MetricComparison[][] {
  const tested = pairs.flat().filter(({ by }) => by === "statistics");
  const ps = holm(tested.map(pValue));
  const family = {
    strictest: alpha / Math.max(1, tested.length),
    adjusted: new Map(tested.map((sample, i) => [sample, ps[i]!])),
  };
  return pairs.map((samples) => samples.map((sample) => testMetric(sample, family, noiseFloorOf)));
}

/** With ties p is an approximation, which can be smaller than so few repeats allow. */
function pValue({ before, after }: MetricSample): number {
  return Math.max(mannWhitney(before, after), smallestP(before.length, after.length));
}

function testMetric(
  sample: MetricSample,
  family: Family,
  noiseFloorOf: ((metric: TestedMetric) => number) | undefined,
): MetricComparison {
  const { metric, before, after, by } = sample;
  if (by === "count") return compareCounts(sample);
  const estimate = hodgesLehmann(before, after);
  const exact = by === "equality";
  const medianBefore = median(before);
  const noiseFloor =
    by === "statistics" && noiseFloorOf && medianBefore !== undefined
      ? (noiseFloorOf(metric) / 100) * Math.abs(medianBefore)
      : undefined;
  const detectable = exact ? 0 : smallestDetectable(before, after, by === "statistics" ? family.strictest : alpha);
  const shift = round(estimate?.shift);
  const p = family.adjusted.get(sample);
  return {
    metric,
    exact: sample.exact,
    before: medianBefore,
    after: median(after),
    shift,
    low: exact ? shift : round(estimate?.low),
    high: exact ? shift : round(estimate?.high),
    coverage: exact ? 1 : estimate?.coverage,
    detectable: round(detectable === undefined ? undefined : Math.max(detectable, noiseFloor ?? 0)),
    p,
    noiseFloor: round(noiseFloor),
    ...verdictOf(sample, family, shift ?? 0, p, noiseFloor),
  };
}

/**
 * Deliveries that went wrong, by their mean per repeat: any more are worse. Where their number before differs from
 * repeat to repeat, and the transport may lose messages, the mean after must exceed every repeat before.
 */
function compareCounts({ metric, before, after, byChance, note }: MetricSample): MetricComparison {
  const [meanBefore, meanAfter] = [meanOf(before), meanOf(after)];
  const shift = round(meanAfter - meanBefore);
  const inRange = byChance && meanAfter <= Math.max(...before) && meanAfter >= Math.min(...before);
  const verdict = shift === 0 || inRange ? "same" : direction(metric, shift);
  return exactComparison({ metric, before: round(meanBefore), after: round(meanAfter), shift, verdict, note });
}

function verdictOf(
  { metric, before, after, by, note }: MetricSample,
  { strictest }: Family,
  shift: number,
  p: number | undefined,
  noiseFloor: number | undefined,
): Pick<MetricComparison, "verdict" | "note"> {
  if (by === "nothing") {
    const empty = before.length + after.length === 0;
    return { verdict: testKindOf(metric) === undefined || empty ? "shown" : "undecided", note };
  }
  if (shift !== 0 && (by === "equality" || p! < alpha)) {
    const withinNoise = noiseFloor !== undefined && Math.abs(shift) <= noiseFloor;
    return { verdict: withinNoise ? "within noise" : direction(metric, shift), note };
  }
  if (by === "statistics" && smallestP(before.length, after.length) >= strictest) {
    const needed = `too few repeats, measure with --repeat ${repeatsNeeded(strictest)} or more`;
    return { verdict: "undecided", note: note === "" ? needed : `${note}; ${needed}` };
  }
  return { verdict: "same", note };
}

function direction(metric: TestedMetric, shift: number): "worse" | "better" {
  const column = columns[metric];
  const higherIsBetter = "better" in column && column.better === "higher";
  return shift > 0 === higherIsBetter ? "better" : "worse";
}

/** Measured numbers have at most three decimals. Rounding to six removes the errors of binary fractions, and -0. */
function round<T extends number | undefined>(value: T): T | number {
  return value === undefined ? value : Number(value.toFixed(6)) + 0;
}
