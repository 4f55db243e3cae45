import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sortAscending, pairsAbove, rankedDifference } from "./pairwise-differences.ts";

const sides = fc.oneof(
  fc.tuple(...twice(fc.integer({ min: -5, max: 5 }))),
  fc.tuple(...twice(fc.double({ min: -1e6, max: 1e6, noNaN: true }))),
  fc.tuple(...twice(fc.double({ noNaN: true, min: -1e300, max: 1e300 }))),
);

function twice(value: fc.Arbitrary<number>): [fc.Arbitrary<number[]>, fc.Arbitrary<number[]>] {
  const values = fc.array(value, { minLength: 1, maxLength: 12 });
  return [values, values];
}

it("each ranked difference equals that of a full sort, with ties and over all magnitudes", () => {
  fc.assert(
    fc.property(sides, ([a, b]) => {
      const differences = sortAscending(a.flatMap((one) => b.map((other) => one - other)));
      const found = Array.from(differences, (_, i) => rankedDifference(sortAscending(a), sortAscending(b), i + 1));
      // + 0, because -0 and 0 have no order.
      expect(found.map((value) => value + 0)).toEqual(Array.from(differences, (value) => value + 0));
    }),
  );
});

it("the pairs in which one value is above the other are counted, equal ones as half", () => {
  fc.assert(
    fc.property(sides, ([a, b]) => {
      const all = a.flatMap((one) => b.map((other) => (Math.sign(one - other) + 1) / 2));
      expect(pairsAbove(sortAscending(a), sortAscending(b))).toBe(all.reduce((sum, value) => sum + value, 0));
    }),
  );
});

it("numbers are sorted by size, not as text", () => {
  expect([...sortAscending([10, 9, -1, 2])]).toEqual([-1, 2, 9, 10]);
});
