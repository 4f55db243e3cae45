import { expect, it } from "vitest";
import { clientGrid, doubling, rateGrid } from "./grid.ts";

const ratios = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value / values[i]!);

it("has rates about 5 % apart, with every power of ten", () => {
  const { values, start } = rateGrid(10, 10, 1_000_000);
  expect([values[0], start, values.at(-1)]).toEqual([10, 0, 1_000_000]);
  expect(values.slice(0, 5)).toEqual([10, 10.5, 11, 11.5, 12.1]);
  for (const power of [100, 1_000, 10_000, 100_000]) expect(values).toContain(power);
  for (const step of ratios(values)) expect(step).toBeGreaterThan(1.04);
  for (const step of ratios(values)) expect(step).toBeLessThan(1.055);
  expect(values[doubling]! / values[0]!).toBeCloseTo(2, 1);
});

it("begins at or below the start, and its lowest rate is at or below the lowest rate wanted", () => {
  const { values, start } = rateGrid(50, 10, 1_000_000);
  expect([values[0], values[start]]).toEqual([10, 48.7]);
  expect(rateGrid(3.3, 10, 1_000_000)).toMatchObject({ start: 0, values: { 0: 3.16 } });
  expect(rateGrid(1e-9, 10, 1_000_000)).toMatchObject({ start: 0, values: { 0: 0.001 } });
});

it("has each whole number of clients once, up to the highest", () => {
  const { values, start } = clientGrid(1_000, 1_234);
  expect(values.slice(0, 21)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  expect(values.every((step, i) => Number.isInteger(step) && step > (values[i - 1] ?? 0))).toBe(true);
  expect([values[start], values.at(-1)]).toEqual([1_000, 1_210]);
  expect(clientGrid(5, 0).values).toEqual([1]);
});
