/** With this many values a side or more, the normal distribution is used, as in R. */
const manyValues = 50;

/**
 * The correction for ties in the variance of U: the sum of t^3 - t over all runs of t equal values of an ascending
 * list.
 */
export function tieSum(values: Float64Array): number {
  let sum = 0;
  for (let start = 0, end = 1; end <= values.length; end++) {
    if (values[end] === values[start]) continue;
    sum += (end - start) ** 3 - (end - start);
    start = end;
  }
  return sum;
}

/** True if the exact distribution of U is used: fewer than 50 values a side, and no ties. */
export function isExact(n: number, m: number, ties: number): boolean {
  return n < manyValues && m < manyValues && ties === 0;
}

/** Standard deviation of U where nothing changed. Source: Lehmann, Nonparametrics, chapter 1. */
export function deviationOfU(n: number, m: number, ties: number): number {
  const all = n + m;
  return Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
}

/**
 * The probabilities that U is at most 0, 1, ... n m where nothing changed and there are no ties. Takes (n m)^2 steps.
 * Source: Mann and Whitney 1947 (the largest value is either above all m values of the other side, or belongs to the
 * other side).
 */
export function distributionOfU(n: number, m: number): Float64Array {
  // orders[j][u]: the number of orders of i and j values with u pairs above, for i from 0 to n.
  const orders = Array.from({ length: m + 1 }, () => new Float64Array(n * m + 1).fill(1, 0, 1));
  for (let i = 1; i <= n; i++)
    for (let j = 1; j <= m; j++) {
      const [current, shorter] = [orders[j]!, orders[j - 1]!];
      for (let u = i * j; u >= 0; u--) current[u] = shorter[u]! + (u >= j ? current[u - j]! : 0);
    }
  const distribution = orders[m]!;
  for (let u = 1; u <= n * m; u++) distribution[u]! += distribution[u - 1]!;
  const total = distribution[n * m]!;
  return distribution.map((count) => count / total);
}
