/** The values in ascending order, as the other functions of this folder need them. */
export function sortAscending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).toSorted();
}

/** The number of differences that are at most a limit, the largest of them, and the smallest of the others. */
interface Split {
  count: number;
  largestWithin: number;
  smallestBeyond: number;
}

/** Splits the differences a - b of all pairs of two ascending lists. Takes a.length + b.length steps. */
function split(a: Float64Array, b: Float64Array, limit: number): Split {
  let [count, largestWithin, smallestBeyond] = [0, -Infinity, Infinity];
  // The number of values of `b` that are too small: the differences of a value fall as `b` rises.
  let beyond = 0;
  for (const value of a) {
    while (beyond < b.length && value - b[beyond]! > limit) beyond++;
    count += b.length - beyond;
    if (beyond < b.length) largestWithin = Math.max(largestWithin, value - b[beyond]!);
    if (beyond > 0) smallestBeyond = Math.min(smallestBeyond, value - b[beyond - 1]!);
  }
  return { count, largestWithin, smallestBeyond };
}

/**
 * The number of pairs in which `a` is above `b`, Mann and Whitney's U. A pair of equals counts half. Both lists are
 * ascending.
 */
export function pairsAbove(a: Float64Array, b: Float64Array): number {
  const above = a.length * b.length - split(a, b, 0).count;
  const aboveOrEqual = split(b, a, 0).count;
  return (above + aboveOrEqual) / 2;
}

/**
 * The `rank`th smallest, from 1, of the differences a - b of all pairs of two ascending lists. It is exact, found by
 * bisection in the memory of the two lists.
 */
export function rankedDifference(a: Float64Array, b: Float64Array, rank: number): number {
  let low = a[0]! - b.at(-1)!;
  let high = a.at(-1)! - b[0]!;
  while (low < high) {
    const middle = (low + high) / 2;
    // The middle of two neighbouring numbers rounds to one of them, and only the lower one splits them.
    const { count, largestWithin, smallestBeyond } = split(a, b, middle < high ? middle : low);
    // Both ends stay differences, so that they meet at the wanted one.
    if (count >= rank) high = largestWithin;
    else low = smallestBeyond;
  }
  return low;
}
