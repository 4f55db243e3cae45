import { expect, it } from "vitest";
import { countEarly } from "./poll-timing.ts";

const holdMs = 1_000;

it("an empty response is early before half of holdMs, and one that is not ends the count", () => {
  expect([499, 0].map((sinceMs) => countEarly(0, sinceMs, { holdMs }))).toEqual([1, 1]);
  expect([500, 1_000, 9_000].map((sinceMs) => countEarly(4, sinceMs, { holdMs }))).toEqual([0, 0, 0]);
});

it("the fifth early response in a row is an error: such a server does not hold polls", () => {
  let early = 0;
  for (const count of [1, 2, 3, 4]) expect((early = countEarly(early, 0, { holdMs }))).toBe(count);
  expect(() => countEarly(early, 0, { holdMs })).toThrow(/does not hold them$/);
});
