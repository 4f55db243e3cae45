import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openSessionSlots } from "./session-slots.ts";

it("has never more there than there are places, lets all begin in the order in which they came, and says who waited", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean()), (count, moves) => {
      const begun: number[] = [];
      let [there, came] = [0, 0];
      const places = openSessionSlots(count, (who, waited) => {
        begun.push(who);
        there++;
        expect(waited).toBe(who !== came);
      });
      for (const comes of moves) {
        if (comes) {
          places.take(came);
          came++;
        } else if (there > 0) {
          there--;
          places.release();
        }
        expect(there).toBeLessThanOrEqual(count);
        expect(there === count || begun.length === came).toBe(true);
        expect(begun).toEqual(begun.map((_, i) => i));
      }
    }),
  ));

it("forgets who waits when it is shut, and is empty when the last has left", async () => {
  const begun: number[] = [];
  const places = openSessionSlots(1, (who) => void begun.push(who));
  for (const who of [0, 1, 2]) places.take(who);
  let empty = false;
  const emptied = places.drained().then(() => (empty = true));
  places.release();
  places.cancelWaiting();
  await Promise.resolve();
  expect([begun, empty]).toEqual([[0, 1], false]);
  places.release();
  await emptied;
  expect(begun).toEqual([0, 1]);
});

it("serves thousands that wait, each once", () => {
  const begun: number[] = [];
  const places = openSessionSlots(1, (who) => void begun.push(who));
  for (let who = 0; who < 10_000; who++) places.take(who);
  for (let who = 0; who < 10_000; who++) places.release();
  expect(begun).toEqual(Array.from({ length: 10_000 }, (_, who) => who));
});
