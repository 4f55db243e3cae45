/** A column of numbers, one per row. */
export type Vector = readonly number[];

/** Dot product of two vectors of equal length. */
export function dotProduct(a: Vector, b: Vector): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** Euclidean length of a vector. */
export function euclideanNorm(a: Vector): number {
  return Math.sqrt(dotProduct(a, a));
}

/** `target` minus the sum of the columns, each multiplied by its factor. */
export function residual(columns: readonly Vector[], factors: Vector, target: Vector): number[] {
  return target.map((value, i) => value - columns.reduce((sum, column, j) => sum + column[i]! * factors[j]!, 0));
}

/**
 * Factor of each column for which the residual is shortest. The columns must be independent. Source: the modified
 * Gram-Schmidt process with the target as a last column; Bjorck, Numerical Methods for Least Squares Problems, section
 * 2.4.
 */
export function leastSquares(columns: readonly Vector[], target: Vector): number[] {
  const remaining = [...columns, target].map((column) => [...column]);
  const coefficients = columns.map((_, k) => {
    const current = remaining[k]!;
    const square = dotProduct(current, current);
    return remaining.map((column, j) => {
      if (j <= k) return 0;
      const share = dotProduct(current, column) / square;
      for (let i = 0; i < column.length; i++) column[i]! -= share * current[i]!;
      return share;
    });
  });
  const factors = columns.map(() => 0);
  for (let k = columns.length - 1; k >= 0; k--)
    factors[k] =
      coefficients[k]!.at(-1)! - factors.reduce((sum, value, j) => sum + (j > k ? coefficients[k]![j]! * value : 0), 0);
  return factors;
}

/**
 * Factors as of `leastSquares`, with none below 0. A column that depends on others gets 0. Source: Lawson and Hanson,
 * Solving Least Squares Problems (1974), chapter 23, algorithm NNLS.
 */
export function nonNegativeLeastSquares(columns: readonly Vector[], target: Vector): number[] {
  const lengths = columns.map(euclideanNorm);
  const free = new Set<number>();
  let factors = columns.map(() => 0);
  // In exact arithmetic no set of free columns repeats. The bound on the steps guards against rounding.
  for (let step = 0; step < 10 * columns.length; step++) {
    const rest = residual(columns, factors, target);
    // A column of zeros has no gradient: 0 / 0.
    const gradient = columns.map((column, j) =>
      free.has(j) ? 0 : dotProduct(column, rest) / (lengths[j]! * euclideanNorm(target)) || 0,
    );
    const best = gradient.indexOf(Math.max(...gradient));
    if (!(gradient[best]! > 1e-10)) break;
    free.add(best);
    factors = solveFree(columns, target, factors, free);
  }
  return factors;
}

/** Solves for the free columns. A column whose factor would go below 0 leaves `free` and gets 0. */
function solveFree(columns: readonly Vector[], target: Vector, from: readonly number[], free: Set<number>): number[] {
  let factors = [...from];
  for (;;) {
    const order = [...free];
    const solved = leastSquares(
      order.map((j) => columns[j]!),
      target,
    );
    if (solved.every((value) => value > 0)) return factors.map((_, j) => (free.has(j) ? solved[order.indexOf(j)]! : 0));
    const steps = order.map((j, k) => (solved[k]! > 0 ? 1 : factors[j]! / (factors[j]! - solved[k]!) || 0));
    const step = Math.min(...steps);
    factors = factors.map((value, j) => (free.has(j) ? value + step * (solved[order.indexOf(j)]! - value) : 0));
    for (const [k, j] of order.entries()) if (steps[k] === step) free.delete(j);
    for (const j of factors.keys()) if (!free.has(j)) factors[j] = 0;
  }
}
