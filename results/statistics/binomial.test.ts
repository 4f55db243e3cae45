import { expect, test } from "vitest";
import { isBinomial } from "./binomial.ts";

test("a middle of 99.9 % ends where the exact tails have 0.05 %", () => {
  // Binomial(100, 0.01): P(X >= 6) = 0.00053, P(X >= 7) = 0.00007.
  expect(isBinomial(6, 100, 0.01, 0.999)).toBe(true);
  expect(isBinomial(7, 100, 0.01, 0.999)).toBe(false);
  expect(isBinomial(0, 100, 0.01, 0.999)).toBe(true);
  // P(X = 0) = 0.99^1000 = 0.00004.
  expect(isBinomial(0, 1_000, 0.01, 0.999)).toBe(false);
});

test("large numbers end 3.29 standard deviations from the mean", () => {
  // Mean 10,000, standard deviation 99.5.
  expect(isBinomial(10_320, 1_000_000, 0.01, 0.999)).toBe(true);
  expect(isBinomial(10_335, 1_000_000, 0.01, 0.999)).toBe(false);
  expect(isBinomial(9_680, 1_000_000, 0.01, 0.999)).toBe(true);
  expect(isBinomial(9_665, 1_000_000, 0.01, 0.999)).toBe(false);
});

test("without a probability nothing may be lost, and without a packet nothing is wrong", () => {
  expect(isBinomial(0, 50, 0, 0.999)).toBe(true);
  expect(isBinomial(1, 50, 0, 0.999)).toBe(false);
  expect(isBinomial(0, 0, 0.5, 0.999)).toBe(true);
});
