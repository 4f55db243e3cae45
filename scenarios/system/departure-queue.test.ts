import { expect, test } from "vitest";
import { seededRandom } from "../lib/random.ts";
import { DepartureQueue } from "./departure-queue.ts";

test("items come out by their time, and those of the same time as they came in", () => {
  const queue = new DepartureQueue<number>();
  const random = seededRandom(4);
  const times = Array.from({ length: 500 }, () => Math.floor(20 * random()));
  for (const [i, dueUs] of times.entries()) queue.add(dueUs, i);
  const expected = times.map((_, i) => i).toSorted((one, other) => times[one]! - times[other]! || one - other);
  expect(times.map(() => queue.take())).toEqual(expected);
  expect(queue.nextUs()).toBe(Infinity);
  expect(() => queue.take()).toThrow("empty");
});
