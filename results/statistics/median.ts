/** The values' median: the middle one, or the mean of the two in the middle. Undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  // Fifteen digits: what binary fractions add behind them is not in the values.
  return low === undefined || high === undefined ? undefined : Number(((low + high) / 2).toPrecision(15));
}

/** Two of the values, between which the true median lies with a probability of `coverage`, 0 to 1, whatever the distribution. */
export interface MedianInterval {
  low: number;
  high: number;
  coverage: number;
}

/** The coverage that an interval has at least, where there are enough values. */
const wanted = 0.95;

/**
 * The narrowest pair of order statistics, equally far from both ends, that covers the median with at least 95 %. Fewer than 6 values
 * cannot: then it is all of them, and `coverage` says how little that is. For up to 1,000 values; undefined of none. Source: Conover,
 * Practical Nonparametric Statistics, section 3.2 (the values below the median are binomial, n and 1/2).
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
    if (1 - 2 * (atMostCut + probability) < wanted) break;
    atMostCut += probability;
    cut++;
  }
  return { low: sorted[cut]!, high: sorted[n - 1 - cut]!, coverage: Math.max(0, 1 - 2 * atMostCut) };
}
