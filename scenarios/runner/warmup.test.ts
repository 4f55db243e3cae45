import { expect, it } from "vitest";
import { isStable } from "./warmup.ts";

it("calls a cost steady once two slices after one another agree within a tenth of the later", () => {
  expect(isStable([])).toBe(false);
  expect(isStable([10])).toBe(false);
  expect(isStable([11, 10])).toBe(true);
  expect(isStable([11.1, 10])).toBe(false);
  expect(isStable([10, 10, 20, 10])).toBe(false);
  expect(isStable([30, 10, 9.5])).toBe(true);
});

it("does not call steady what delivered nothing", () => {
  expect(isStable([undefined, undefined])).toBe(false);
  expect(isStable([10, undefined])).toBe(false);
});
