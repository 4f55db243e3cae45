import { expect, it } from "vitest";
import { pollFrequencyOf, pollRate } from "./poll-frequency.ts";

it("a transport without polls has the poll frequency none", () => {
  const frequency = pollFrequencyOf([{ deliveriesPerS: 3, pollsPerS: 0 }]);
  expect(frequency).toEqual({ kind: "none" });
  expect(pollRate(frequency, 3)).toBe(0);
});

it("clients that poll at an interval have the median rate, even if they sometimes skip a poll", () => {
  const frequency = pollFrequencyOf([
    { deliveriesPerS: 0.1, pollsPerS: 2 },
    { deliveriesPerS: 10, pollsPerS: 1.99 },
    { deliveriesPerS: 100, pollsPerS: 1.95 },
  ]);
  for (const deliveriesPerS of [0.1, 1, 1_000]) expect(pollRate(frequency, deliveriesPerS)).toBe(1.99);
});

it("interpolates held polls between the measured rates, and keeps deliveries per poll constant outside them", () => {
  const frequency = pollFrequencyOf([
    { deliveriesPerS: 100, pollsPerS: 25 },
    { deliveriesPerS: 1, pollsPerS: 1 },
    { deliveriesPerS: 10, pollsPerS: 5 },
  ]);
  expect(pollRate(frequency, 10)).toBeCloseTo(5, 9);
  expect(pollRate(frequency, Math.sqrt(10))).toBeCloseTo(Math.sqrt(10) / 1.5, 9);
  expect(pollRate(frequency, Math.sqrt(1_000))).toBeCloseTo(Math.sqrt(1_000) / 3, 9);
  expect(pollRate(frequency, 0.5)).toBeCloseTo(0.5, 9);
  expect(pollRate(frequency, 200)).toBeCloseTo(50, 9);
});
