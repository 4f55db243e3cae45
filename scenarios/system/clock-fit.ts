import type { LinearClock } from "../lib/clock.ts";
import { meanOf } from "../../results/statistics/mean.ts";
import { median } from "../../results/statistics/median.ts";
import { slopeOf } from "../../results/statistics/slope.ts";

/** One reading of a reference clock between two readings of the own clock, all in microseconds. */
export interface ClockSample {
  beforeUs: number;
  referenceUs: number;
  afterUs: number;
}

/** A line through samples. */
export interface ClockFit extends LinearClock {
  state: "fitted";
  /**
   * Most by which the line is wrong at any time between the first and the last sample, if the clocks run evenly. The
   * reference was read at some time of each sample, so no sample is wrong by more than half of its round trip.
   */
  errorUs: number;
  /** Own times of the first and of the last sample. */
  fromUs: number;
  toUs: number;
}

/** Result of a fit. `stepped`: a clock was set at the own time `atUs`. `unsteady`: one runs faster than a clock can. */
export type FitResult =
  | ClockFit
  | { state: "too short"; spanUs: number }
  | { state: "stepped"; atUs: number; byUs: number }
  | { state: "unsteady"; ppm: number };

/** Largest difference of two clocks that are in order (RFC 5905, section 11.3: 500 ppm). */
export const mostPpm = 500;
/** Shortest time that samples must span, in microseconds. */
const leastSpanUs = 10e6;

/** Middle, round trip and offset of a sample. Offsets are from that of the first one, so that no digit is lost. */
interface Point {
  atUs: number;
  rttUs: number;
  offsetUs: number;
}

/**
 * The line through the samples, which are in order: least squares over the quickest sample of each second. Pure. A
 * shorter `spanUs` than 10 s gives a coarser drift.
 */
export function fitClock(samples: readonly ClockSample[], spanUs = leastSpanUs): FitResult {
  const kept = quickestOfEachSecond(samples);
  const [first, last] = [kept[0], kept.at(-1)];
  if (!first || !last || last.atUs - first.atUs < spanUs || kept.length < 3)
    return { state: "too short", spanUs: first && last ? last.atUs - first.atUs : 0 };
  const points = kept.map((each) => ({ ...each, offsetUs: each.offsetUs - first.offsetUs }));
  const step = findStep(points);
  if (step) return step;
  const quick = withoutSlow(points);
  const line = leastSquares(quick);
  if (Math.abs(line.ppm) - ppmOfRoundTrips(quick, line.atUs) > mostPpm) return { state: "unsteady", ppm: line.ppm };
  const [fromUs, toUs] = [first.atUs, last.atUs];
  const errorUs = errorOf(line, quick, fromUs, toUs);
  return { state: "fitted", ...line, offsetUs: line.offsetUs + first.offsetUs, errorUs, fromUs, toUs };
}

/** The points whose round trip is at most twice the median: a slow one says less, and would pull the line. */
function withoutSlow(points: readonly Point[]): Point[] {
  const mostUs = 2 * median(points.map(({ rttUs }) => rttUs))!;
  return points.filter(({ rttUs }) => rttUs <= mostUs);
}

function quickestOfEachSecond(samples: readonly ClockSample[]): Point[] {
  const quickest = new Map<number, Point>();
  for (const { beforeUs, referenceUs, afterUs } of samples) {
    const second = Math.floor(beforeUs / 1e6);
    const rttUs = afterUs - beforeUs;
    const atUs = beforeUs + rttUs / 2;
    if (rttUs < (quickest.get(second)?.rttUs ?? Infinity))
      quickest.set(second, { atUs, rttUs, offsetUs: referenceUs - atUs });
  }
  return [...quickest.values()];
}

/** The first change of the offset that neither the round trips nor a clock in order explain. */
function findStep(points: readonly Point[]): (FitResult & { state: "stepped" }) | undefined {
  for (let i = 1; i < points.length; i++) {
    const [one, other] = [points[i - 1]!, points[i]!];
    const byUs = other.offsetUs - one.offsetUs;
    const explainedUs = (one.rttUs + other.rttUs) / 2 + (mostPpm * (other.atUs - one.atUs)) / 1e6;
    if (Math.abs(byUs) > explainedUs) return { state: "stepped", atUs: other.atUs, byUs };
  }
  return undefined;
}

function leastSquares(points: readonly Point[]): LinearClock {
  const slope = slopeOf(points.map(({ atUs, offsetUs }) => [atUs, offsetUs]));
  const [atUs, offsetUs] = [meanOf(points.map((each) => each.atUs)), meanOf(points.map((each) => each.offsetUs))];
  return { offsetUs, ppm: slope === undefined ? NaN : 1e6 * slope, atUs };
}

/** Most by which the round trips can turn the line through these points: each is wrong by at most half of its own. */
function ppmOfRoundTrips(points: readonly Point[], middleUs: number): number {
  let [turned, square] = [0, 0];
  for (const { atUs, rttUs } of points) {
    turned += (Math.abs(atUs - middleUs) * rttUs) / 2;
    square += (atUs - middleUs) ** 2;
  }
  return (1e6 * turned) / square;
}

/** Reference minus own at this own time. */
export function offsetAt({ offsetUs, ppm, atUs }: LinearClock, ownUs: number): number {
  return offsetUs + (ppm * (ownUs - atUs)) / 1e6;
}

/**
 * The bound of a line's error from `fromUs` to `toUs`. At each point the error is at most half of the round trip and the
 * residual. Two points so bound it everywhere, since the error of a line is a line; of the pairs of an early and a late
 * point the best one counts. The bound is at least half of the quickest round trip and the largest residual.
 */
function errorOf(line: LinearClock, points: readonly Point[], fromUs: number, toUs: number): number {
  const residuals = points.map((each) => Math.abs(each.offsetUs - offsetAt(line, each.atUs)));
  const bounds = points.map(({ atUs, rttUs }, i) => ({ atUs, us: rttUs / 2 + residuals[i]! }));
  const third = Math.ceil(points.length / 3);
  let least = Infinity;
  for (const early of bounds.slice(0, third))
    for (const late of bounds.slice(-third)) {
      const perUs = (early.us + late.us) / Math.max(1, late.atUs - early.atUs);
      const atEnds = [early.us + perUs * (early.atUs - fromUs), late.us + perUs * (toUs - late.atUs)];
      least = Math.min(least, Math.max(...atEnds));
    }
  return Math.max(least, Math.min(...points.map(({ rttUs }) => rttUs)) / 2 + Math.max(...residuals));
}
