import { sortAscending, rankedDifference } from "./pairwise-differences.ts";
import { upperQuantile, upperTail } from "./normal.ts";
import { deviationOfU, distributionOfU, isExact, tieSum } from "./rank-sum.ts";

/**
 * The estimated shift between two sides. `low` to `high` contains the true shift with the probability `coverage`, 0 to
 * 1.
 */
export interface Shift {
  shift: number;
  low: number;
  high: number;
  coverage: number;
}

/**
 * The Hodges-Lehmann shift: the median of all differences after - before. The ends of its interval are two of the
 * differences; it covers the true shift with at least `confidence`, as R's `wilcox.test(after, before, conf.int =
 * TRUE)`. With too few values the interval is the widest possible, and its `coverage` is lower. Undefined where a side
 * is empty. Source: Lehmann, Nonparametrics, chapter 2.
 */
export function hodgesLehmann(
  before: readonly number[],
  after: readonly number[],
  confidence = 0.95,
): Shift | undefined {
  const [x, y] = [sortAscending(before), sortAscending(after)];
  const pairs = x.length * y.length;
  if (pairs === 0) return undefined;
  const exact = isExact(x.length, y.length, tieSum(sortAscending([...before, ...after])));
  const { rank, coverage } = (exact ? exactEnds : normalEnds)(x, y, (1 - confidence) / 2);
  const at = (position: number): number => rankedDifference(y, x, position);
  return {
    shift: (at(Math.floor((pairs + 1) / 2)) + at(Math.ceil((pairs + 1) / 2))) / 2,
    low: at(rank),
    high: at(pairs + 1 - rank),
    coverage,
  };
}

/** The ends of an interval: the `rank`th differences from both ends of the sorted list. */
interface Ends {
  rank: number;
  coverage: number;
}

function exactEnds(x: Float64Array, y: Float64Array, outside: number): Ends {
  const distribution = distributionOfU(x.length, y.length);
  // The same allowance for rounding as in R's qwilcox.
  const first = distribution.findIndex((share) => share >= outside - 10 * Number.EPSILON);
  const rank = Math.max(1, first);
  return { rank, coverage: 1 - 2 * distribution[rank - 1]! };
}

/**
 * Only ties within a side count: after a shift that is none of the differences, no value equals one of the other side.
 */
function normalEnds(x: Float64Array, y: Float64Array, outside: number): Ends {
  const middle = (x.length * y.length) / 2;
  const deviation = deviationOfU(x.length, y.length, tieSum(x) + tieSum(y));
  const rank = Math.max(1, Math.ceil(middle - 0.5 - upperQuantile(outside) * deviation));
  return { rank, coverage: Math.max(0, 1 - 2 * upperTail((middle - rank + 0.5) / deviation)) };
}
