import { describe, expect, it } from "vitest";
import { axisFor, withoutOverlap } from "./axes.ts";

describe("an axis", () => {
  it("starts at 0 and ends at a round number above the values", () => {
    expect(axisFor("ms", [3, 9.2])).toMatchObject({ log: false, min: 0, max: 10 });
    expect(axisFor("ms", [0, 0])).toMatchObject({ log: false, min: 0 });
    expect(axisFor("ms", [])).toMatchObject({ log: false, min: 0 });
  });

  it("is logarithmic where the largest value is more than 20 times the smallest, and covers all values", () => {
    const axis = axisFor("ms", [0.7, 990]);
    expect(axis).toMatchObject({ log: true, min: 0.5, max: 1_000 });
    expect(axisFor("ms", [0.7, 990], false).log).toBe(false);
    expect(axisFor("ms", [0, 990]).log).toBe(false);
  });

  it("accepts more values than a function call accepts arguments", () => {
    expect(
      axisFor(
        "ms",
        Array.from({ length: 500_000 }, () => 7),
      ).max,
    ).toBeGreaterThanOrEqual(7);
  });

  it("shows only the decades where there is no room for the ticks between", () => {
    const axis = axisFor("ms", [1, 100]);
    expect(withoutOverlap(axis, 600, 40)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(withoutOverlap(axis, 100, 40)).toEqual([1, 10, 100]);
  });
});
