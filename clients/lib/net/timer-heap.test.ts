import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createTimer, openTimerHeap, type Timer } from "./timer-heap.ts";

/** A schedule on a clock that is moved by hand, and the one timer it has. */
function pretend() {
  let nowMs = 0;
  let timer: { atMs: number; callback(): void } | undefined;
  let timersMade = 0;
  const schedule = openTimerHeap({
    nowMs: () => nowMs,
    after(ms, callback) {
      timersMade++;
      const mine = (timer = { atMs: nowMs + ms, callback });
      return () => void (timer === mine && (timer = undefined));
    },
  });
  return {
    schedule,
    now: () => nowMs,
    sleeps: () => timer !== undefined,
    timersMade: () => timersMade,
    /** Time passes; a timer that comes due in it calls back late by up to so many milliseconds. */
    pass(ms: number, lateMs = 0) {
      const endMs = nowMs + ms;
      while (timer && timer.atMs <= endMs) {
        const { atMs, callback } = timer;
        timer = undefined;
        nowMs = Math.max(nowMs, atMs + lateMs);
        callback();
      }
      nowMs = Math.max(nowMs, endMs);
    },
  };
}

it("rings each alarm that is set once, in the order of their times, never early, and none that was cleared", () => {
  const step = fc.record({
    which: fc.nat(9),
    act: fc.constantFrom("set", "set", "set", "clear", "pass"),
    ms: fc.nat(50).map((eighths) => eighths / 8),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(3), (steps, lateMs) => {
      const { schedule, now, pass, sleeps } = pretend();
      const due = new Map<number, number>();
      const alarms: Timer[] = Array.from({ length: 10 }, (_, which) =>
        createTimer(() => {
          expect(due.get(which)).toBeLessThanOrEqual(now());
          expect(due.get(which)).toBe(Math.min(...due.values()));
          due.delete(which);
        }),
      );
      for (const { which, act, ms } of steps) {
        if (act === "set") {
          due.set(which, now() + ms);
          schedule.set(alarms[which]!, now() + ms);
        } else if (act === "clear") {
          due.delete(which);
          schedule.clear(alarms[which]!);
        } else pass(ms, lateMs);
        expect(sleeps()).toBe(due.size > 0);
        expect(alarms.map(({ slot }) => slot >= 0)).toEqual(alarms.map((_, each) => due.has(each)));
      }
      pass(1_000);
      expect([due.size, sleeps()]).toEqual([0, false]);
    }),
  );
});

it("has one timer, which it leaves alone where the first alarm stays the first", () => {
  const { schedule, timersMade, pass } = pretend();
  const rung: number[] = [];
  const alarms = Array.from({ length: 100 }, (_, i) => createTimer(() => rung.push(i)));
  for (const [i, each] of alarms.entries()) schedule.set(each, 10 + Math.floor(i / 50));
  expect(timersMade()).toBe(1);
  pass(20);
  expect(rung.length).toBe(100);
  expect(timersMade()).toBe(2);
});

it("does not ring an alarm that an earlier one clears, and rings one that it sets in its turn", () => {
  const { schedule, pass } = pretend();
  const rung: string[] = [];
  const later = createTimer(() => rung.push("later"));
  const cleared = createTimer(() => rung.push("cleared"));
  const first = createTimer(() => {
    rung.push("first");
    schedule.clear(cleared);
    schedule.set(later, 12);
  });
  schedule.set(first, 10);
  schedule.set(cleared, 10);
  pass(11);
  expect(rung).toEqual(["first"]);
  pass(1);
  expect(rung).toEqual(["first", "later"]);
});

it("keeps any number of alarms", () => {
  const { schedule, pass } = pretend();
  const rung: number[] = [];
  const times = Array.from({ length: 1_000 }, (_, i) => (i * 617) % 1_000);
  for (const ms of times)
    schedule.set(
      createTimer(() => void rung.push(ms)),
      ms,
    );
  pass(1_000);
  expect(rung).toEqual(times.toSorted((one, other) => one - other));
});
