import { sortAscending, pairsAbove } from "./pairwise-differences.ts";
import { upperTail } from "./normal.ts";
import { deviationOfU, distributionOfU, isExact, tieSum } from "./rank-sum.ts";

/**
 * Two-sided p of the Mann-Whitney U test (Wilcoxon rank sum test), equal to R's `wilcox.test(before, after)` within
 * 1e-6. It is exact for fewer than 50 values a side without ties, else a normal approximation corrected for ties and
 * continuity. 1 where all values are equal or a side is empty.
 */
export function mannWhitney(before: readonly number[], after: readonly number[]): number {
  const [n, m] = [before.length, after.length];
  const u = pairsAbove(sortAscending(before), sortAscending(after));
  const ties = tieSum(sortAscending([...before, ...after]));
  if (isExact(n, m, ties)) return Math.min(1, 2 * distributionOfU(n, m)[Math.min(u, n * m - u)]!);
  const distance = Math.abs(u - (n * m) / 2) - 0.5;
  return distance <= 0 ? 1 : Math.min(1, 2 * upperTail(distance / deviationOfU(n, m, ties)));
}

/** The smallest possible p of `n` and `m` values without ties: all values of one side are above all of the other. */
export function smallestP(n: number, m: number): number {
  let orders = 1;
  for (let i = 1; i <= Math.min(n, m); i++) orders = (orders * (Math.max(n, m) + i)) / i;
  return Math.min(1, 2 / orders);
}

/**
 * The fewest repeats a side with which p can be below `alpha`. With `n`, one side has that many, and the result is for
 * the other side. Infinity where no number is enough.
 */
export function repeatsNeeded(alpha: number, n?: number): number {
  if (alpha <= 0 || n === 0) return Infinity;
  let repeats = 1;
  while (smallestP(n ?? repeats, repeats) >= alpha) repeats++;
  return repeats;
}
