import * as fc from "fast-check";
import { expect, it } from "vitest";
import { median, medianInterval } from "./median.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

it("is the middle value, or halfway between the two in the middle, in any order of the values", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 100])).toBe(3.5);
  expect(median([0.1, 0.2])).toBe(0.15);
  expect(median([1_234_567_890_123])).toBe(1_234_567_890_123);
  expect(median([])).toBeUndefined();
});

// The tables of order-statistic intervals in textbooks, and R: 1 - 2 * pbinom(r - 1, n, 0.5).
it.each([
  { n: 1, low: 1, high: 1, coverage: 0 },
  { n: 2, low: 1, high: 2, coverage: 0.5 },
  { n: 3, low: 1, high: 3, coverage: 0.75 },
  { n: 5, low: 1, high: 5, coverage: 0.9375 },
  { n: 6, low: 1, high: 6, coverage: 0.96875 },
  { n: 8, low: 1, high: 8, coverage: 0.9921875 },
  { n: 9, low: 2, high: 8, coverage: 0.9609375 },
  { n: 10, low: 2, high: 9, coverage: 0.978515625 },
  { n: 12, low: 3, high: 10, coverage: 0.96142578125 },
  { n: 15, low: 4, high: 12, coverage: 0.96484375 },
  { n: 20, low: 6, high: 15, coverage: 0.95861 },
  { n: 25, low: 8, high: 18, coverage: 0.95671 },
])("of $n values has an interval from the ${low}th to the ${high}th that covers $coverage", ({ n, ...expected }) => {
  const { coverage, ...ends } = medianInterval(upTo(n).toReversed())!;
  expect(ends).toEqual({ low: expected.low, high: expected.high });
  expect(coverage).toBeCloseTo(expected.coverage, 5);
});

it("no values have no interval", () => expect(medianInterval([])).toBeUndefined());

it("lies in its interval, which is symmetric and would cover less than 95 % if it were narrower", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 1_000 }), (n) => {
      const values = upTo(n);
      const { low, high, coverage } = medianInterval(values)!;
      expect(low + high).toBe(n + 1);
      expect(coverage).toBeGreaterThanOrEqual(0.95);
      expect(coverage).toBeLessThan(1);
      expect(median(values)!).toBeGreaterThanOrEqual(low);
      expect(median(values)!).toBeLessThanOrEqual(high);
      // A narrower interval loses 2 P(B = low), which is smallest at the edge because a binomial distribution is
      // unimodal.
      let probability = 0.5 ** n;
      for (let k = 1; k <= low; k++) probability *= (n - k + 1) / k;
      expect(coverage - 2 * probability).toBeLessThan(0.95);
    }),
    { numRuns: 200 },
  );
});
