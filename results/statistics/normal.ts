import { bisect, errorFunction } from "simple-statistics";

/** The share of the standard normal distribution above `z`, within 1e-7. From about 8.3 on it is 0. */
export function upperTail(z: number): number {
  return (1 - errorFunction(z / Math.SQRT2)) / 2;
}

/** The `z` above which the standard normal distribution has this share, within 1e-6 for shares of 0.001 to 0.999. */
export function upperQuantile(share: number): number {
  // The function of the library, probit, is wrong by up to 0.002.
  return bisect((z) => upperTail(z) - share, -10, 10, 100, 1e-9);
}
