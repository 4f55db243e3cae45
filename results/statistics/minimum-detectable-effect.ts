import { hodgesLehmann } from "./hodges-lehmann.ts";
import { smallestP } from "./mann-whitney.ts";
import { upperQuantile } from "./normal.ts";

/**
 * The smallest shift, up or down, that repeats of this number and spread show (p below `alpha`, two-sided) with a
 * probability of about `power`. In simulations, a power of 0.8 was 0.7 (very skewed values) to 0.9 (uniform values, few
 * repeats). Undefined where the repeats can show no shift. Source: Lehmann 1963, Nonparametric confidence intervals for
 * a shift parameter: the length of the interval is inversely proportional to the efficiency of the test, for any
 * distribution.
 */
export function smallestDetectable(
  before: readonly number[],
  after: readonly number[],
  alpha: number,
  power = 0.8,
): number | undefined {
  const interval = hodgesLehmann(before, after, 1 - alpha);
  if (!interval || smallestP(before.length, after.length) >= alpha) return undefined;
  const [forAlpha, forPower] = [upperQuantile(alpha / 2), upperQuantile(1 - power)];
  // The length of the interval varies, too: in simulations its relative variance was about 1 / (n + m - 2), less for
  // normal values, more for
  // skewed ones.
  const varying = 1 + (forAlpha + forPower) ** 2 / (before.length + after.length - 2);
  return ((interval.high - interval.low) / 2) * (1 + (forPower * Math.sqrt(varying)) / forAlpha);
}
