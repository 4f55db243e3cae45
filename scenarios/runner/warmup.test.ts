import { expect, it } from "vitest";
import { isStable } from "./warmup.ts";

it("a cost is stable once two consecutive slices agree within 10 % of the later one", () => {
  expect(isStable([])).toBe(false);
  expect(isStable([10])).toBe(false);
  expect(isStable([11, 10])).toBe(true);
  expect(isStable([11.1, 10])).toBe(false);
  expect(isStable([10, 10, 20, 10])).toBe(false);
  expect(isStable([30, 10, 9.5])).toBe(true);
});

it("a load without deliveries is not stable", () => {
  expect(isStable([undefined, undefined])).toBe(false);
  expect(isStable([10, undefined])).toBe(false);
});
