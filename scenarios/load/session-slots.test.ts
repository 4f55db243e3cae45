import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openSessionSlots } from "./session-slots.ts";

it("never more sessions run than there are slots, they start first come first served, and those that waited are marked", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean()), (count, moves) => {
      const started: number[] = [];
      let [running, requested] = [0, 0];
      const slots = openSessionSlots(count, (session, waited) => {
        started.push(session);
        running++;
        expect(waited).toBe(session !== requested);
      });
      for (const starts of moves) {
        if (starts) {
          slots.take(requested);
          requested++;
        } else if (running > 0) {
          running--;
          slots.release();
        }
        expect(running).toBeLessThanOrEqual(count);
        expect(running === count || started.length === requested).toBe(true);
        expect(started).toEqual(started.map((_, i) => i));
      }
    }),
  ));

it("waiting sessions can be cancelled, and the slots are drained when the last session has ended", async () => {
  const started: number[] = [];
  const slots = openSessionSlots(1, (session) => void started.push(session));
  for (const session of [0, 1, 2]) slots.take(session);
  let drained = false;
  const draining = slots.drained().then(() => (drained = true));
  slots.release();
  slots.cancelWaiting();
  await Promise.resolve();
  expect([started, drained]).toEqual([[0, 1], false]);
  slots.release();
  await draining;
  expect(started).toEqual([0, 1]);
});

it("thousands of waiting sessions start once each", () => {
  const started: number[] = [];
  const slots = openSessionSlots(1, (session) => void started.push(session));
  for (let session = 0; session < 10_000; session++) slots.take(session);
  for (let session = 0; session < 10_000; session++) slots.release();
  expect(started).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});
