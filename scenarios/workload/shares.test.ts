import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apportion, dealByShares } from "./shares.ts";

const anyShares = fc
  .array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 })
  .filter((shares) => shares.some((share) => share > 0));

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

describe("apportion", () => {
  it("gives each share its part to within 1, nothing for a weight of 0, and everything in all", () =>
    fc.assert(
      fc.property(fc.nat(100_000), anyShares, (count, shares) => {
        const parts = apportion(count, shares);
        expect(sumOf(parts)).toBe(count);
        for (const [i, part] of parts.entries()) {
          expect(Math.abs(part - (count * shares[i]!) / sumOf(shares))).toBeLessThan(1);
          expect(part > 0 && shares[i] === 0).toBe(false);
        }
      }),
    ));

  it("gives what is left to the largest remainders, and to the first of equal ones", () => {
    expect(apportion(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(apportion(10, [53, 24, 23])).toEqual([5, 3, 2]);
    expect(apportion(1, [480, 960])).toEqual([0, 1]);
  });

  it("refuses weights that are none", () => {
    for (const shares of [[], [0, 0], [1, -1], [NaN], [Infinity, 1], [0.5, 0.5]])
      expect(() => apportion(1, shares)).toThrow(RangeError);
  });
});

describe("dealByShares", () => {
  it("deals every place to exactly the shares of apportion", () =>
    fc.assert(
      fc.property(fc.nat(2_000), anyShares, (count, shares) => {
        const dealt = dealByShares(count, shares);
        const counts = shares.map((_, share) => dealt.filter((each) => each === share).length);
        expect(counts).toEqual(apportion(count, shares));
      }),
    ));

  it("lets every share go through the row at the same pace", () => {
    const dealt = dealByShares(1_000, [1, 2, 7]);
    for (const end of [100, 250, 500, 900]) {
      const counts = [0, 1, 2].map((share) => dealt.subarray(0, end).filter((each) => each === share).length);
      for (const [share, weight] of [1, 2, 7].entries())
        expect(Math.abs(counts[share]! - (end * weight) / 10)).toBeLessThanOrEqual(2);
    }
  });
});
