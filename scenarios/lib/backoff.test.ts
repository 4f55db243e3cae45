import * as fc from "fast-check";
import { expect, it } from "vitest";
import { backoffMs, usualWindow, windowOf } from "./backoff.ts";

const anyWindow = fc
  .record({ minMs: fc.nat(10_000), widthMs: fc.nat(100_000) })
  .map(({ minMs, widthMs }) => ({ minMs, maxMs: minMs + widthMs }));
const anyAttempt = fc.nat(2_000);
const anyDraw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The longest wait before an attempt. */
const longestOf = (minMs: number, maxMs: number, attempt: number): number =>
  Math.round(backoffMs({ minMs, maxMs }, attempt, () => 1));

it("the usual window is that of Socket.IO's client, and another one is taken as it is", () => {
  expect(windowOf("usual")).toEqual({ minMs: 1_000, maxMs: 5_000 });
  expect(usualWindow).toEqual(windowOf("usual"));
  expect(windowOf({ minMs: 3, maxMs: 4 })).toEqual({ minMs: 3, maxMs: 4 });
});

it("the longest wait doubles with each attempt up to the largest, and the shortest stays", () => {
  const attempts = [0, 1, 2, 3, 50, 5_000];
  expect(attempts.map((attempt) => longestOf(1_000, 5_000, attempt))).toEqual([
    2_000, 4_000, 5_000, 5_000, 5_000, 5_000,
  ]);
  for (const attempt of attempts) expect(backoffMs(usualWindow, attempt, () => 0)).toBe(1_000);
});

it("a wait is between the shortest and the longest, wherever the draw falls", () =>
  fc.assert(
    fc.property(anyWindow, anyAttempt, anyDraw, (window, attempt, draw) => {
      const waitMs = backoffMs(window, attempt, () => draw);
      expect(waitMs).toBeGreaterThanOrEqual(window.minMs);
      expect(waitMs).toBeLessThanOrEqual(window.maxMs);
    }),
  ));

it("a larger draw waits longer, so clients that were dropped together come apart", () => {
  const waits = [0, 0.25, 0.5, 0.75].map((draw) => backoffMs(usualWindow, 0, () => draw));
  expect(waits).toEqual([1_000, 1_250, 1_500, 1_750]);
});

it("a window without a width has one wait", () =>
  fc.assert(
    fc.property(fc.nat(10_000), anyAttempt, anyDraw, (ms, attempt, draw) => {
      expect(backoffMs({ minMs: ms, maxMs: ms }, attempt, () => draw)).toBe(ms);
    }),
  ));

it("a window that begins at nothing grows too, so that a server that is away is not asked without a pause", () => {
  expect(longestOf(0, 5_000, 0)).toBeGreaterThan(0);
  expect(longestOf(0, 5_000, 20)).toBe(5_000);
  expect(longestOf(0, 0, 20)).toBe(0);
});
