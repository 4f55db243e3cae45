import { hodgesLehmann } from "./hodges-lehmann.ts";
import { smallestP } from "./mann-whitney.ts";
import { upperQuantile } from "./normal.ts";

/**
 * The smallest shift, up or down, that so many repeats with such a spread show (p below `alpha`, two-sided) with a chance of about
 * `power`: in simulations 0.8 is 0.7 (very skewed values) to 0.9 (uniform ones, few repeats). Undefined where they can show none. Source:
 * Lehmann 1963, Nonparametric confidence intervals for a shift parameter: the interval is as long as the test is blunt, whatever the
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
  // The length varies, too: in simulations with a relative variance of about 1 / (n + m - 2), less if normal, more if skewed.
  const varying = 1 + (forAlpha + forPower) ** 2 / (before.length + after.length - 2);
  return ((interval.high - interval.low) / 2) * (1 + (forPower * Math.sqrt(varying)) / forAlpha);
}
