import { expect, it } from "vitest";
import { twoSidedT } from "./student-t.ts";

it.each([
  // Critical values of any table of Student's t, two-sided.
  [12.706, 1, 0.05],
  [4.303, 2, 0.05],
  [3.182, 3, 0.05],
  [2.776, 4, 0.05],
  [5.841, 3, 0.01],
  [2.898, 17, 0.01],
  [2.878, 18, 0.01],
  [3.922, 18, 0.001],
  [1.984, 100, 0.05],
])("p of t = %d with %d degrees of freedom is %d", (t, degrees, p) => {
  expect(Math.abs(twoSidedT(t, degrees) / p - 1)).toBeLessThan(0.005);
  expect(twoSidedT(-t, degrees)).toBe(twoSidedT(t, degrees));
});

it("p is 1 without a difference, and 0 for an endless one", () => {
  for (const degrees of [1, 2, 3, 18]) {
    expect(twoSidedT(0, degrees)).toBe(1);
    expect(twoSidedT(Infinity, degrees)).toBeCloseTo(0, 12);
  }
  expect(twoSidedT(NaN, 3)).toBe(1);
});
