import { sortAscending, rankedDifference } from "./pairwise-differences.ts";
import { upperQuantile, upperTail } from "./normal.ts";
import { deviationOfU, distributionOfU, isExact, tieSum } from "./rank-sum.ts";

/** By how much one side is above the other, and between what that lies with a probability of `coverage`, 0 to 1. */
export interface Shift {
  shift: number;
  low: number;
  high: number;
  coverage: number;
}

/**
 * Hodges and Lehmann's shift: the median of all differences after - before, with an interval of two of the differences that covers
 * the true shift with at least `confidence`, as R's `wilcox.test(after, before, conf.int = TRUE)`. Where too few values cannot, it is
 * the widest there is and `coverage` says how little that is. Undefined where a side is empty. Source: Lehmann, Nonparametrics,
 * chapter 2.
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
  const at = (which: number): number => rankedDifference(y, x, which);
  return {
    shift: (at(Math.floor((pairs + 1) / 2)) + at(Math.ceil((pairs + 1) / 2))) / 2,
    low: at(rank),
    high: at(pairs + 1 - rank),
    coverage,
  };
}

/** Which of the sorted differences, counted from either end, are the ends of an interval. */
interface Ends {
  rank: number;
  coverage: number;
}

function exactEnds(x: Float64Array, y: Float64Array, outside: number): Ends {
  const distribution = distributionOfU(x.length, y.length);
  // R's qwilcox allows for as much rounding.
  const first = distribution.findIndex((share) => share >= outside - 10 * Number.EPSILON);
  const rank = Math.max(1, first);
  return { rank, coverage: 1 - 2 * distribution[rank - 1]! };
}

/** Moved by anything but one of the differences, no value of a side equals one of the other: only ties within a side count. */
function normalEnds(x: Float64Array, y: Float64Array, outside: number): Ends {
  const middle = (x.length * y.length) / 2;
  const deviation = deviationOfU(x.length, y.length, tieSum(x) + tieSum(y));
  const rank = Math.max(1, Math.ceil(middle - 0.5 - upperQuantile(outside) * deviation));
  return { rank, coverage: 1 - 2 * upperTail((middle - rank + 0.5) / deviation) };
}
