import * as fc from "fast-check";
import { expect, it } from "vitest";
import { drawArrivals, mergeArrivals } from "./arrivals.ts";
import { seededRandom } from "../lib/random.ts";
import { delayToOwnSlot } from "./half-duplex.ts";
import { type Arrivals } from "../definitions/scenario.ts";

const drawn = (arrivals: Arrivals, count = 600, allSenders = [3, 5, 8], seed = 7) =>
  drawArrivals(arrivals, count, 10_000, allSenders, seededRandom(seed));
const kinds: Arrivals[] = ["uniform", "even", { burst: 7 }];

it.each(kinds)("draws exactly as many ascending due times as it should, the same for the same seed: %j", (arrivals) => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 40 }), fc.nat(), (count, allSenders, seed) => {
      const who = Array.from({ length: allSenders }, (_, i) => 10 * i);
      const { dueUs, sender } = drawn(arrivals, count, who, seed);
      expect([dueUs.length, sender.length]).toEqual([count, count]);
      expect(dueUs).toEqual(dueUs.toSorted());
      expect(dueUs.every((due) => Number.isInteger(due) && due >= 0 && due < 1e7)).toBe(true);
      expect(sender.every((each) => who.includes(each))).toBe(true);
      expect(drawn(arrivals, count, who, seed)).toEqual({ dueUs, sender });
    }),
  );
});

it("spaces the messages of each sender evenly, each sender with an offset of its own", () => {
  const { dueUs, sender } = drawn("even");
  const offsets = [3, 5, 8].map((client) => {
    const own = [...dueUs].filter((_, k) => sender[k] === client);
    expect(own).toHaveLength(200);
    for (const [i, due] of own.slice(1).entries()) expect(Math.abs(due - own[i]! - 50_000)).toBeLessThanOrEqual(1);
    return own[0]! % 50_000;
  });
  expect(new Set(offsets).size).toBe(3);
});

it("no two senders have the same place in the time between two messages, so they do not beat together", () => {
  const gapUs = 20_000;
  const { dueUs } = drawn("even", 10_000_000 / gapUs);
  const places = [0, 1, 2].map((k) => dueUs[k]! - k * gapUs);
  expect(new Set(places).size).toBe(3);
  for (const place of places) expect(place >= 0 && place < gapUs).toBe(true);
});

it("draws one burst in each period, and the rest of the messages in the last", () => {
  const { dueUs } = drawn({ burst: 50 }, 480);
  const at = [...new Set(dueUs)];
  const sizes = at.map((burst) => dueUs.filter((due) => due === burst).length);
  expect(sizes).toEqual([...Array<number>(9).fill(50), 30]);
  expect(at.map((burst) => Math.floor(burst / 1e6))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it("merges two sides by due time", () => {
  const [one, other] = [drawn("uniform", 50, [1], 1), drawn("uniform", 70, [2], 2)];
  const { dueUs, sender } = mergeArrivals(one, other);
  expect(dueUs).toEqual(Float64Array.from([...one.dueUs, ...other.dueUs]).toSorted());
  expect([...dueUs].filter((_, k) => sender[k] === 1)).toEqual([...one.dueUs]);
});

it("of two messages that are due at once, that of the first side comes first", () => {
  const at = (sender: number) => ({ dueUs: Float64Array.of(5, 5), sender: Int32Array.of(sender, sender) });
  expect([...mergeArrivals(at(2), at(1)).sender]).toEqual([2, 2, 1, 1]);
});

it("lets each side send in its own slots only: at once, or when its next slot begins", () => {
  const dueUs = Float64Array.from([0, 499, 500, 999, 1_000, 1_700]);
  const all = (sender: number) => [...delayToOwnSlot(dueUs, new Int32Array(6).fill(sender), 100, 500)];
  expect(all(99)).toEqual([0, 499, 1_000, 1_000, 1_000, 2_000]);
  expect(all(100)).toEqual([500, 500, 500, 999, 1_500, 1_700]);
});
