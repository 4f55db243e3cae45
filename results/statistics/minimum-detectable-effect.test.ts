import { describe, expect, it } from "vitest";
import { smallestDetectable } from "./minimum-detectable-effect.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { normalDraw, shareOf, skewedDraw, type RandomDraw } from "../testing/draw.ts";

/**
 * The share of experiments that show a shift which other repeats of the same kind reported as the smallest detectable
 * one.
 */
function shareThatShows(draw: RandomDraw, n: number, m: number, alpha: number): number {
  return shareOf(2_000, () => {
    const shift = smallestDetectable(draw(n), draw(m), alpha)!;
    const moved = draw(m).map((value) => value + shift);
    return mannWhitney(draw(n), moved) < alpha;
  });
}

describe("the smallest detectable shift", () => {
  it.each([
    [6, 6, 0.05, 0.7],
    [10, 10, 0.05, 0.7],
    [20, 20, 0.05, 0.7],
    [5, 12, 0.05, 0.68],
    [6, 6, 0.05 / 15, 0.68],
    [10, 10, 0.05 / 15, 0.68],
  ])(
    "is found in about 80 percent of experiments of %d and %d repeats, normal or skewed, with an alpha of %d",
    (n, m, alpha, least) => {
      for (const draw of [normalDraw(n), skewedDraw(n)]) {
        const shown = shareThatShows(draw, n, m, alpha);
        expect(shown).toBeGreaterThan(least);
        expect(shown).toBeLessThan(0.92);
      }
    },
    30_000,
  );

  it("is a little larger than for the t-test where values are normal, and depends on neither shift nor direction", () => {
    const draw = normalDraw(1);
    const shifts = Array.from({ length: 200 }, () => {
      const [before, after] = [draw(10), draw(10)];
      const shift = smallestDetectable(before, after, 0.05)!;
      const raised = after.map((value) => value + 1_024);
      expect(smallestDetectable(before, raised, 0.05)).toBeCloseTo(shift, 9);
      expect(smallestDetectable(raised, before, 0.05)).toBeCloseTo(shift, 9);
      return shift;
    });
    // R: power.t.test(10, power = 0.8)$delta is 1.32.
    const mean = shifts.reduce((sum, shift) => sum + shift) / shifts.length;
    expect(mean).toBeGreaterThan(1.32);
    expect(mean).toBeLessThan(1.32 * 1.25);
  });

  it("of 4,000 uniform values a side is 2.8 standard errors of the difference of the means, as for the t-test", () => {
    const values = Array.from({ length: 4_000 }, (_, i) => i);
    const standardError = (4_000 / Math.sqrt(12)) * Math.sqrt(2 / 4_000);
    expect(smallestDetectable(values, values, 0.05)! / (2.8016 * standardError)).toBeCloseTo(1, 1);
  });

  it("grows with the wanted power, and shrinks with a larger alpha", () => {
    const [before, after] = [normalDraw(1)(10), normalDraw(2)(10)];
    const at = (alpha: number, power?: number): number => smallestDetectable(before, after, alpha, power)!;
    expect(at(0.05, 0.9)).toBeGreaterThan(at(0.05));
    expect(at(0.05)).toBeGreaterThan(at(0.05, 0.5));
    expect(at(0.01)).toBeGreaterThan(at(0.05));
  });

  it("is undefined where no shift can be found, and 0 where the repeats do not differ", () => {
    const ofThree = [1, 2, 3];
    expect(smallestDetectable(ofThree, ofThree, 0.05)).toBeUndefined();
    expect(smallestDetectable(ofThree, ofThree, 0.1)).toBeUndefined();
    expect(smallestDetectable(ofThree, ofThree, 0.11)).toBeGreaterThan(0);
    expect(smallestDetectable([], ofThree, 0.05)).toBeUndefined();
    expect(smallestDetectable([7, 7, 7, 7], [7, 7, 7, 7], 0.05)).toBe(0);
  });
});
