import { seededRandom } from "../../scenarios/lib/random.ts";

/** Draws that many values. */
export type RandomDraw = (count: number) => number[];

/** Values with a normal distribution, mean 0 and standard deviation 1, the same for the same seed (Box and Muller). */
export function normalDraw(seed: number): RandomDraw {
  const next = seededRandom(seed);
  const one = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return (count) => Array.from({ length: count }, one);
}

/** Values with a long tail to the right, as latencies have it: the logarithm is normal, mean 0 and standard deviation 1. */
export function skewedDraw(seed: number): RandomDraw {
  const draw = normalDraw(seed);
  return (count) => draw(count).map(Math.exp);
}

/** In which share of `times` tries it happens. */
export function shareOf(times: number, happens: () => boolean): number {
  let count = 0;
  for (let i = 0; i < times; i++) if (happens()) count++;
  return count / times;
}
