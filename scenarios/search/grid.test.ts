import { expect, it } from "vitest";
import { clientLadder, octave, rateLadder } from "./grid.ts";

const steps = (rungs: readonly number[]): number[] => rungs.slice(1).map((rung, i) => rung / rungs[i]!);

it("has rates in steps of about 5 %, every power of ten among them", () => {
  const { rungs, start } = rateLadder(10, 10, 1_000_000);
  expect([rungs[0], start, rungs.at(-1)]).toEqual([10, 0, 1_000_000]);
  expect(rungs.slice(0, 5)).toEqual([10, 10.5, 11, 11.5, 12.1]);
  for (const power of [100, 1_000, 10_000, 100_000]) expect(rungs).toContain(power);
  for (const step of steps(rungs)) expect(step).toBeGreaterThan(1.04);
  for (const step of steps(rungs)) expect(step).toBeLessThan(1.055);
  expect(rungs[octave]! / rungs[0]!).toBeCloseTo(2, 1);
});

it("begins at the rung at or below where it is told to, and goes no lower than both", () => {
  const { rungs, start } = rateLadder(50, 10, 1_000_000);
  expect([rungs[0], rungs[start]]).toEqual([10, 48.7]);
  expect(rateLadder(3.3, 10, 1_000_000)).toMatchObject({ start: 0, rungs: { 0: 3.16 } });
  expect(rateLadder(1e-9, 10, 1_000_000)).toMatchObject({ start: 0, rungs: { 0: 0.001 } });
});

it("has whole numbers of clients, each once, up to the highest there may be", () => {
  const { rungs, start } = clientLadder(1_000, 1_234);
  expect(rungs.slice(0, 21)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  expect(rungs.every((rung, i) => Number.isInteger(rung) && rung > (rungs[i - 1] ?? 0))).toBe(true);
  expect([rungs[start], rungs.at(-1)]).toEqual([1_000, 1_210]);
  expect(clientLadder(5, 0).rungs).toEqual([1]);
});
