import { seededRandom } from "../../scenarios/lib/random.ts";

/** Draws `count` random values. */
export type RandomDraw = (count: number) => number[];

/** Normal distribution with mean 0 and standard deviation 1; equal seeds draw equal values (Box and Muller). */
export function normalDraw(seed: number): RandomDraw {
  const next = seededRandom(seed);
  const one = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return (count) => Array.from({ length: count }, one);
}

/**
 * Log-normal distribution, with a long tail to the right as latencies have it: the logarithm has mean 0 and standard
 * deviation 1.
 */
export function skewedDraw(seed: number): RandomDraw {
  const draw = normalDraw(seed);
  return (count) => draw(count).map(Math.exp);
}

/** Share of `times` tries in which `happens` returns true. */
export function shareOf(times: number, happens: () => boolean): number {
  let count = 0;
  for (let i = 0; i < times; i++) if (happens()) count++;
  return count / times;
}
