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

it("keeps the order of the tests, lowers none, goes beyond neither 1 nor Bonferroni", () => {
  const someP = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(someP, { maxLength: 20 }), (ps) => {
      const given = Object.freeze([...ps]);
      const adjusted = holm(given);
      for (const [i, p] of given.entries()) {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p);
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length));
      }
      const inOrder = [...given.keys()].toSorted((i, j) => given[i]! - given[j]!).map((i) => adjusted[i]!);
      expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
    }),
  );
});

const comparisons = 15;
const alpha = 0.05;
const compare = (draw: RandomDraw): number[] =>
  Array.from({ length: comparisons }, () => mannWhitney(draw(10), draw(10)));

it("flags something in at most 5 % of experiments of 15 comparisons in which nothing changed, 10 repeats against 10", () => {
  const draw = normalDraw(1);
  const times = 2_000;
  const flagged = shareOf(times, () => holm(compare(draw)).some((p) => p < alpha));
  expect(flagged).toBeLessThan(alpha + 2 * Math.sqrt((alpha * (1 - alpha)) / times));
  expect(flagged).toBeGreaterThan(alpha / 2);
  // Unadjusted, about half of them would be.
  expect(shareOf(200, () => compare(draw).some((p) => p < alpha))).toBeGreaterThan(0.35);
});
