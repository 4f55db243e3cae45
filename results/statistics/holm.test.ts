import * as fc from "fast-check";
import { expect, it } from "vitest";
import { holm } from "./holm.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { normalDraw, shareOf, type RandomDraw } from "../testing/draw.ts";

// R: p.adjust(ps, "holm").
it.each([
  { ps: [0.01, 0.04, 0.03, 0.005], adjusted: [0.03, 0.06, 0.06, 0.02] },
  { ps: [0.2, 0.001, 0.9, 0.013, 0.013, 0.4], adjusted: [0.6, 0.006, 0.9, 0.065, 0.065, 0.8] },
  { ps: [0, 0.5, 0.6, 1], adjusted: [0, 1, 1, 1] },
  { ps: [0.04], adjusted: [0.04] },
  { ps: [], adjusted: [] },
])("adjusts $ps as R does", ({ ps, adjusted }) => {
  const ours = holm(ps);
  expect(ours).toHaveLength(adjusted.length);
  for (const [i, p] of ours.entries()) expect(p).toBeCloseTo(adjusted[i]!, 12);
});

it("keeps the order of the tests, and lies between the original p and Bonferroni's, at most 1", () => {
  const someP = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(someP, { maxLength: 20 }), (ps) => {
      const original = Object.freeze([...ps]);
      const adjusted = holm(original);
      for (const [i, p] of original.entries()) {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p);
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length));
      }
      const inOrder = [...original.keys()].toSorted((i, j) => original[i]! - original[j]!).map((i) => adjusted[i]!);
      expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
    }),
  );
});

const comparisons = 15;
const alpha = 0.05;
const compare = (draw: RandomDraw): number[] =>
  Array.from({ length: comparisons }, () => mannWhitney(draw(10), draw(10)));

it("finds a change in at most 5 % of experiments of 15 comparisons of equal sides, 10 repeats each", () => {
  const draw = normalDraw(1);
  const times = 2_000;
  const falseAlarms = shareOf(times, () => holm(compare(draw)).some((p) => p < alpha));
  expect(falseAlarms).toBeLessThan(alpha + 2 * Math.sqrt((alpha * (1 - alpha)) / times));
  expect(falseAlarms).toBeGreaterThan(alpha / 2);
  // Without the adjustment it would be about half of them.
  expect(shareOf(200, () => compare(draw).some((p) => p < alpha))).toBeGreaterThan(0.35);
}, 30_000);
