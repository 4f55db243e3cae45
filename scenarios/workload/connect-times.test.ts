import { expect, it } from "vitest";
import { connectTimes, notBefore } from "./connect-times.ts";

it("clients connect in join order, so many a second over all workers", () => {
  const [one, other] = [
    [0, 2],
    [1, 3, 4],
  ].map((joinPlaces) => [...connectTimes(joinPlaces, 200, 1_000)]);
  expect(one).toEqual([1_000, 11_000]);
  expect(other).toEqual([6_000, 16_000, 21_000]);
});

it("a worker that is late keeps the distance between its clients", () => {
  expect([...notBefore(Float64Array.of(1_000, 11_000), 500)]).toEqual([1_000, 11_000]);
  expect([...notBefore(Float64Array.of(1_000, 11_000), 4_000)]).toEqual([4_000, 14_000]);
  expect([...notBefore(new Float64Array(0), 4_000)]).toEqual([]);
});
