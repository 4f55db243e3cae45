/** One number per row of a table of them. */
export type Vector = readonly number[];

/** The sum of the products. */
export function dotProduct(a: Vector, b: Vector): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The length of a vector. */
export function euclideanNorm(a: Vector): number {
  return Math.sqrt(dotProduct(a, a));
}

/** What is left of `target` once each column has been taken as often as `times` says. */
export function residual(columns: readonly Vector[], times: Vector, target: Vector): number[] {
  return target.map((value, i) => value - columns.reduce((sum, column, j) => sum + column[i]! * times[j]!, 0));
}

/**
 * How often to take each column so that the remainder of `target` is shortest. The columns must be independent. Source: the modified
 * Gram-Schmidt process with the target as a last column; Bjorck, Numerical Methods for Least Squares Problems, section 2.4.
 */
export function leastSquares(columns: readonly Vector[], target: Vector): number[] {
  const left = [...columns, target].map((column) => [...column]);
  const along = columns.map((_, k) => {
    const own = left[k]!;
    const square = dotProduct(own, own);
    return left.map((column, j) => {
      if (j <= k) return 0;
      const share = dotProduct(own, column) / square;
      for (let i = 0; i < column.length; i++) column[i]! -= share * own[i]!;
      return share;
    });
  });
  const times = columns.map(() => 0);
  for (let k = columns.length - 1; k >= 0; k--)
    times[k] = along[k]!.at(-1)! - times.reduce((sum, value, j) => sum + (j > k ? along[k]![j]! * value : 0), 0);
  return times;
}

/**
 * The same with no number below 0. Columns that depend on others may be there: they get 0. Source: Lawson and Hanson, Solving Least
 * Squares Problems (1974), chapter 23, algorithm NNLS.
 */
export function nonNegativeLeastSquares(columns: readonly Vector[], target: Vector): number[] {
  const lengths = columns.map(euclideanNorm);
  const free = new Set<number>();
  let times = columns.map(() => 0);
  // In theory no set of free columns comes twice; the bound is for rounding.
  for (let step = 0; step < 10 * columns.length; step++) {
    const rest = residual(columns, times, target);
    // A column of zeros pulls nowhere: 0 by 0.
    const pull = columns.map((column, j) =>
      free.has(j) ? 0 : dotProduct(column, rest) / (lengths[j]! * euclideanNorm(target)) || 0,
    );
    const best = pull.indexOf(Math.max(...pull));
    if (!(pull[best]! > 1e-10)) break;
    free.add(best);
    times = settle(columns, target, times, free);
  }
  return times;
}

/** Solves for the free columns; those that would go below 0 on the way are taken out of `free` and stay at 0. */
function settle(columns: readonly Vector[], target: Vector, from: readonly number[], free: Set<number>): number[] {
  let times = [...from];
  for (;;) {
    const order = [...free];
    const solved = leastSquares(
      order.map((j) => columns[j]!),
      target,
    );
    if (solved.every((value) => value > 0)) return times.map((_, j) => (free.has(j) ? solved[order.indexOf(j)]! : 0));
    const steps = order.map((j, k) => (solved[k]! > 0 ? 1 : times[j]! / (times[j]! - solved[k]!) || 0));
    const step = Math.min(...steps);
    times = times.map((value, j) => (free.has(j) ? value + step * (solved[order.indexOf(j)]! - value) : 0));
    for (const [k, j] of order.entries()) if (steps[k] === step) free.delete(j);
    for (const j of times.keys()) if (!free.has(j)) times[j] = 0;
  }
}
