import { expect, it } from "vitest";
import { pollFrequencyOf, pollsPerS } from "./poll-frequency.ts";

it("knows no asks of a transport without exchanges", () => {
  const asks = pollFrequencyOf([{ deliveriesPerS: 3, exchangesPerS: 0 }]);
  expect(asks).toEqual({ kind: "none" });
  expect(pollsPerS(asks, 3)).toBe(0);
});

it("takes clients that ask as often whatever comes for steady, with a skipped ask now and then", () => {
  const asks = pollFrequencyOf([
    { deliveriesPerS: 0.1, exchangesPerS: 2 },
    { deliveriesPerS: 10, exchangesPerS: 1.99 },
    { deliveriesPerS: 100, exchangesPerS: 1.95 },
  ]);
  for (const deliveriesPerS of [0.1, 1, 1_000]) expect(pollsPerS(asks, deliveriesPerS)).toBe(1.99);
});

it("reads held asks between the measured rates, and lets an answer carry as many beyond them", () => {
  const asks = pollFrequencyOf([
    { deliveriesPerS: 100, exchangesPerS: 25 },
    { deliveriesPerS: 1, exchangesPerS: 1 },
    { deliveriesPerS: 10, exchangesPerS: 5 },
  ]);
  expect(pollsPerS(asks, 10)).toBeCloseTo(5, 9);
  expect(pollsPerS(asks, Math.sqrt(10))).toBeCloseTo(Math.sqrt(10) / 1.5, 9);
  expect(pollsPerS(asks, Math.sqrt(1_000))).toBeCloseTo(Math.sqrt(1_000) / 3, 9);
  expect(pollsPerS(asks, 0.5)).toBeCloseTo(0.5, 9);
  expect(pollsPerS(asks, 200)).toBeCloseTo(50, 9);
});
