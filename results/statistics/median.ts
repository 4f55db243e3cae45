/** The median: the middle value, or the mean of the two in the middle. Undefined for no values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  // Fifteen digits, to remove the errors of binary fractions.
  return low === undefined || high === undefined ? undefined : Number(((low + high) / 2).toPrecision(15));
}

/**
 * Two of the values. The true median lies between them with the probability `coverage`, 0 to 1, for any distribution.
 */
export interface MedianInterval {
  low: number;
  high: number;
  coverage: number;
}

/** Least coverage of an interval of enough values. */
const leastCoverage = 0.95;

/**
 * The narrowest pair of order statistics, equally far from both ends, that covers the median with at least 95 %. With
 * fewer than 6 values it is the smallest and the largest, with a lower `coverage`. For up to 1,000 values; undefined
 * for none. Source: Conover, Practical Nonparametric Statistics, section 3.2 (the number of values below the median is
 * binomial, n and 1/2).
 */
export function medianInterval(values: readonly number[]): MedianInterval | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  if (n === 0) return undefined;
  let cut = 0;
  let atMostCut = 0.5 ** n;
  let probability = atMostCut;
  for (;;) {
    probability *= (n - cut) / (cut + 1);
    if (1 - 2 * (atMostCut + probability) < leastCoverage) break;
    atMostCut += probability;
    cut++;
  }
  return { low: sorted[cut]!, high: sorted[n - 1 - cut]!, coverage: Math.max(0, 1 - 2 * atMostCut) };
}
