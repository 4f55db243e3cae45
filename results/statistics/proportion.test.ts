import { expect, it } from "vitest";
import { proportion } from "./proportion.ts";

it.each([
  // Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
  [29, 29, 0.883, 1],
])("the interval of %d in %d is %d to %d", (hits, tries, low, high) => {
  const found = proportion(hits, tries)!;
  expect(found.share).toBe(hits / tries);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

it("no try has no share", () => expect(proportion(0, 0)).toBeUndefined());
