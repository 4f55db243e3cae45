import { expect, it } from "vitest";
import { slopeOf } from "./slope.ts";

it("is that of the least-squares line, and undefined where x does not change", () => {
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toBeCloseTo(2);
  expect(
    slopeOf([
      [0, 0],
      [1, 1],
      [2, 1],
    ]),
  ).toBeCloseTo(0.5);
  expect(
    slopeOf([
      [5, 1],
      [5, 2],
    ]),
  ).toBeUndefined();
  expect(slopeOf([])).toBeUndefined();
});
