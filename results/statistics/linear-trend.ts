import { meanOf } from "./mean.ts";
import { twoSidedT } from "./student-t.ts";

/** A trend of a cost over time. */
export interface Trend {
  /** Change from the beginning to the end, as a share of the mean cost: -0.3 is a cost that fell by 30 %. */
  change: number;
  /** The probability of so large a trend, up or down, in values that only scatter. */
  p: number;
}

/** Fewest slices in which a trend can be told from their scatter. */
const fewestSlices = 8;

/**
 * The trend of a cost over equal slices of time that these causes, known for each slice, do not explain: the
 * coefficient of time in the least-squares fit `cost = a + b cause + ... + c time`, with its t test. Undefined with
 * fewer than eight slices, without a cost, or where a cause grows as steadily as time.
 */
export function linearTrend(costs: readonly number[], ...causes: readonly (readonly number[])[]): Trend | undefined {
  const n = costs.length;
  const mean = meanOf(costs);
  if (n < fewestSlices || !(mean > 0)) return undefined;
  let [times, unexplained] = [centred(costs.map((_, i) => i)), centred(costs)];
  let degrees = n - 2;
  const explaining: number[][] = [];
  for (const cause of causes) {
    const own = explaining.reduce((left, by) => without(by, left), centred(cause));
    if (product(own, own) <= 1e-9 * product(cause, cause)) continue;
    explaining.push(own);
    [times, unexplained] = [without(own, times), without(own, unexplained)];
    degrees--;
  }
  const spread = product(times, times);
  if (spread < 1e-9 * n ** 3) return undefined;
  const slope = product(times, unexplained) / spread;
  const residuals = unexplained.map((value, i) => value - slope * times[i]!);
  const error = Math.sqrt(product(residuals, residuals) / degrees / spread);
  return { change: (slope * n) / mean, p: error > 0 ? twoSidedT(slope / error, degrees) : slope === 0 ? 1 : 0 };
}

/** These values less what `by` explains of them. Both have the mean 0. */
function without(by: readonly number[], values: readonly number[]): number[] {
  const squares = product(by, by);
  const factor = squares > 0 ? product(by, values) / squares : 0;
  return values.map((value, i) => value - factor * by[i]!);
}

function centred(values: readonly number[]): number[] {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * other[i]!, 0);
}
