import { expect, it } from "vitest";
import { deviationOfU, distributionOfU, tieSum } from "./rank-sum.ts";

it("the distribution of U counts the orders: ten orders of two and three values", () => {
  expect([...distributionOfU(2, 3)].map((share) => share * 10)).toEqual([1, 2, 4, 6, 8, 9, 10]);
});

// R: pwilcox(u, n, m).
it.each([
  [5, 4, 3, 7 / 126],
  [49, 49, 900, 0.016308863525874184],
])("with %d and %d values, U is at most %d with the probability %d", (n, m, u, share) => {
  expect(distributionOfU(n, m)[u]).toBeCloseTo(share, 12);
});

it("the distribution of U is symmetric, and ends with 1 at the number of pairs", () => {
  const distribution = distributionOfU(30, 20);
  expect(distribution).toHaveLength(601);
  expect(distribution[600]).toBe(1);
  for (const [u, share] of distribution.slice(0, 600).entries())
    expect(share + distribution[599 - u]!).toBeCloseTo(1, 12);
});

it("the standard deviation by formula equals that of the distribution", () => {
  const distribution = distributionOfU(7, 9);
  const shares = distribution.map((share, u) => share - (distribution[u - 1] ?? 0));
  const variance = shares.reduce((sum, share, u) => sum + share * (u - 63 / 2) ** 2, 0);
  expect(deviationOfU(7, 9, 0)).toBeCloseTo(Math.sqrt(variance), 10);
});

it("ties reduce the variance, in runs of two and three", () => {
  expect(tieSum(Float64Array.of(1, 2, 2, 5, 7, 7, 7))).toBe(6 + 24);
  expect(tieSum(Float64Array.of(1, 2, 3))).toBe(0);
  expect(tieSum(Float64Array.of())).toBe(0);
  expect(deviationOfU(2, 2, tieSum(Float64Array.of(4, 4, 4, 4)))).toBe(0);
});
