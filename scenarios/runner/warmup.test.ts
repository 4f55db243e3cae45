import { expect, it } from "vitest";
import { isSteady } from "./warmup.ts";

it("calls a cost steady once two slices after one another agree within a tenth of the later", () => {
  expect(isSteady([])).toBe(false);
  expect(isSteady([10])).toBe(false);
  expect(isSteady([11, 10])).toBe(true);
  expect(isSteady([11.1, 10])).toBe(false);
  expect(isSteady([10, 10, 20, 10])).toBe(false);
  expect(isSteady([30, 10, 9.5])).toBe(true);
});

it("does not call steady what delivered nothing", () => {
  expect(isSteady([undefined, undefined])).toBe(false);
  expect(isSteady([10, undefined])).toBe(false);
});
