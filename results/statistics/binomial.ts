import { upperTail } from "./normal.ts";

/** Variance from which on the normal distribution is as good: the error of a tail is then below 2 %. */
const normalVariance = 1_000;

/**
 * True if so many hits in so many independent tries of probability `share` lie within the middle `level` (0.999) of the
 * binomial distribution. Exact for small numbers; the normal distribution with continuity correction for large ones.
 */
export function isBinomial(hits: number, tries: number, share: number, level: number): boolean {
  if (share === 0) return hits === 0;
  const mean = tries * share;
  const isAbove = hits >= mean;
  const outside = (1 - level) / 2;
  const variance = mean * (1 - share);
  if (variance > normalVariance) return upperTail((Math.abs(hits - mean) - 0.5) / Math.sqrt(variance)) >= outside;
  let tail = 0;
  const step = isAbove ? 1 : -1;
  for (let k = hits; k >= 0 && k <= tries; k += step) {
    const probability = Math.exp(logProbability(k, tries, share));
    tail += probability;
    if (tail >= outside) return true;
    if (probability < 1e-15) break;
  }
  return tail >= outside;
}

function logProbability(hits: number, tries: number, share: number): number {
  const ways = logFactorial(tries) - logFactorial(hits) - logFactorial(tries - hits);
  return ways + hits * Math.log(share) + (tries - hits) * Math.log1p(-share);
}

/** Stirling's series from 20 on, within 1e-9. */
function logFactorial(n: number): number {
  if (n < 20) return Array.from({ length: n }, (_, i) => Math.log(i + 1)).reduce((sum, each) => sum + each, 0);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
