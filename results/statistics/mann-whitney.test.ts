import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import wilcox from "./fixtures/wilcox.json" with { type: "json" };
import { mannWhitney, repeatsNeeded, smallestP } from "./mann-whitney.ts";
import { normalDraw, shareOf, skewedDraw } from "../testing/draw.ts";

describe("p", () => {
  it.each(wilcox.cases)("is that of R: $name", ({ x, y, p }) => {
    expect(Math.abs(mannWhitney(x, y) - p)).toBeLessThan(1e-6);
  });

  it("is 1 where all values are equal or a side is empty", () => {
    expect(mannWhitney([5, 5, 5], [5, 5, 5, 5])).toBe(1);
    // With so many ties, rounding makes the remaining variance negative.
    expect(mannWhitney(Array<number>(150_000).fill(5), Array<number>(135_029).fill(5))).toBe(1);
    expect(mannWhitney([], [1, 2, 3])).toBe(1);
    expect(mannWhitney([1, 2, 3], [])).toBe(1);
  });

  it("is a probability that depends on neither the order of the sides nor the order or unit of the values", () => {
    const values = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const p = mannWhitney(before, after);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mannWhitney(after, before)).toBe(p);
        const inUs = (all: number[]): number[] => all.map((value) => value * 1024).toReversed();
        expect(mannWhitney(inUs(before), inUs(after))).toBe(p);
      }),
      { numRuns: 50 },
    );
  });

  it("can be computed for 100,000 values a side", () => {
    const draw = normalDraw(1);
    const before = draw(100_000);
    expect(mannWhitney(before, before)).toBe(1);
    expect(mannWhitney(before, draw(100_000))).toBeGreaterThan(0.001);
    // A shift of 6.7 standard deviations of U.
    const moved = draw(100_000).map((value) => value + 0.03);
    expect(mannWhitney(before, moved)).toBeLessThan(1e-6);
  });

  it.each([
    ["10 and 10 values", 10, 10, (value: number) => value],
    ["5 and 20 values", 5, 20, (value: number) => value],
    ["10 and 10 values with ties", 10, 10, (value: number) => Math.round(2 * value)],
    ["50 and 55 values", 50, 55, (value: number) => value],
  ] as const)(
    "is below each alpha in at most that share of experiments where nothing changed, with %s",
    (_what, n, m, measure) => {
      const draw = skewedDraw(2);
      const times = 3_000;
      const ps = Array.from({ length: times }, () => mannWhitney(draw(n).map(measure), draw(m).map(measure)));
      for (const alpha of [0.01, 0.05, 0.1, 0.3, 0.5, 0.8]) {
        const share = ps.filter((p) => p < alpha).length / times;
        expect(share).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / times));
        // And not so cautious that it finds nothing.
        expect(share).toBeGreaterThan(alpha / 2);
      }
    },
  );

  it("is below 0.05 in 90 % of experiments with 10 repeats a side that are two standard deviations apart", () => {
    const draw = normalDraw(3);
    const moved = (): number[] => draw(10).map((value) => value + 2);
    expect(shareOf(1_000, () => mannWhitney(draw(10), moved()) < 0.05)).toBeGreaterThan(0.9);
  });
});

describe("the smallest p", () => {
  it.each([
    [3, 3, 0.1],
    [4, 4, 2 / 70],
    [5, 5, 2 / 252],
    [6, 6, 2 / 924],
    [2, 7, 2 / 36],
    [1, 1, 1],
    [0, 9, 1],
  ])("of %d and %d repeats is %d", (n, m, p) => {
    expect(smallestP(n, m)).toBe(p);
    expect(smallestP(m, n)).toBe(p);
  });

  it("is the p of the test where all values of one side are above all of the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (n, m) => {
        const all = Array.from({ length: n + m }, (_, i) => i);
        expect(mannWhitney(all.slice(0, n), all.slice(n)) / smallestP(n, m)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("determines how many repeats both sides need, or the other side needs", () => {
    expect([0.2, 0.1, 0.05, 0.01, 0.005].map((alpha) => repeatsNeeded(alpha))).toEqual([3, 4, 4, 5, 6]);
    expect(repeatsNeeded(0.05 / 15)).toBe(6);
    expect([1, 2, 3, 10].map((n) => repeatsNeeded(0.05, n))).toEqual([40, 8, 5, 2]);
    expect(repeatsNeeded(0.05, 0)).toBe(Infinity);
    expect(repeatsNeeded(0)).toBe(Infinity);
  });
});
