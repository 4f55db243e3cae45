import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openPlaces, openRanks } from "./number-index.ts";

const anyNumbers = fc.uniqueArray(fc.nat(300));

it("ranks are those among the sorted numbers, and -1 for every other number", () =>
  fc.assert(
    fc.property(anyNumbers, (numbers) => {
      const rankOf = openRanks(numbers);
      const sorted = numbers.toSorted((one, other) => one - other);
      for (let number = -2; number < 340; number++) expect(rankOf(number)).toBe(sorted.indexOf(number));
    }),
  ));

it("places are those in the list, and -1 for every other number", () =>
  fc.assert(
    fc.property(anyNumbers, (numbers) => {
      const placeOf = openPlaces(numbers);
      for (let number = -2; number < 340; number++) expect(placeOf(number)).toBe(numbers.indexOf(number));
    }),
  ));

it("bit 31 of a word is a number like the others", () => {
  const rankOf = openRanks(Int32Array.of(31, 30, 32, 63));
  expect([30, 31, 32, 63, 62].map(rankOf)).toEqual([0, 1, 2, 3, -1]);
});
