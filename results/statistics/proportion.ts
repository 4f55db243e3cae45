import { upperQuantile } from "./normal.ts";

/** A share of trials with its interval, all 0 to 1. */
export interface Proportion {
  share: number;
  low: number;
  high: number;
}

/**
 * The share of `hits` in `tries` with its 95 % interval. Undefined without a try. Source: Wilson 1927, Probable
 * inference; the score interval holds for shares near 0 and 1, too.
 */
export function proportion(hits: number, tries: number): Proportion | undefined {
  if (tries === 0) return undefined;
  const z = upperQuantile(0.025);
  const share = hits / tries;
  const centre = (share + z ** 2 / (2 * tries)) / (1 + z ** 2 / tries);
  const half = (z / (1 + z ** 2 / tries)) * Math.sqrt((share * (1 - share)) / tries + z ** 2 / (4 * tries ** 2));
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
