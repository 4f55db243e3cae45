import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createTimer, openTimerHeap, type Timer } from "./timer-heap.ts";

/** A timer heap on a fake clock, with its one system timer. */
function openFakeHeap() {
  let nowMs = 0;
  let systemTimer: { atMs: number; callback(): void } | undefined;
  let systemTimersSet = 0;
  const heap = openTimerHeap({
    nowMs: () => nowMs,
    after(ms, callback) {
      systemTimersSet++;
      const own = (systemTimer = { atMs: nowMs + ms, callback });
      return () => void (systemTimer === own && (systemTimer = undefined));
    },
  });
  return {
    heap,
    now: () => nowMs,
    isSleeping: () => systemTimer !== undefined,
    systemTimersSet: () => systemTimersSet,
    /** Moves the clock. The system timer calls back `lateMs` late. */
    pass(ms: number, lateMs = 0) {
      const endMs = nowMs + ms;
      while (systemTimer && systemTimer.atMs <= endMs) {
        const { atMs, callback } = systemTimer;
        systemTimer = undefined;
        nowMs = Math.max(nowMs, atMs + lateMs);
        callback();
      }
      nowMs = Math.max(nowMs, endMs);
    },
  };
}

it("fires each timer once, in the order of due times, never early, and no cleared timer", () => {
  const step = fc.record({
    which: fc.nat(9),
    act: fc.constantFrom("set", "set", "set", "clear", "pass"),
    ms: fc.nat(50).map((eighths) => eighths / 8),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(3), (steps, lateMs) => {
      const { heap, now, pass, isSleeping } = openFakeHeap();
      const due = new Map<number, number>();
      const timers: Timer[] = Array.from({ length: 10 }, (_, which) =>
        createTimer(() => {
          expect(due.get(which)).toBeLessThanOrEqual(now());
          expect(due.get(which)).toBe(Math.min(...due.values()));
          due.delete(which);
        }),
      );
      for (const { which, act, ms } of steps) {
        if (act === "set") {
          due.set(which, now() + ms);
          heap.set(timers[which]!, now() + ms);
        } else if (act === "clear") {
          due.delete(which);
          heap.clear(timers[which]!);
        } else pass(ms, lateMs);
        expect(isSleeping()).toBe(due.size > 0);
        expect(timers.map(({ slot }) => slot >= 0)).toEqual(timers.map((_, each) => due.has(each)));
      }
      pass(1_000);
      expect([due.size, isSleeping()]).toEqual([0, false]);
    }),
  );
});

it("has one system timer, which it sets again only when the first due time changes", () => {
  const { heap, systemTimersSet, pass } = openFakeHeap();
  const fired: number[] = [];
  const timers = Array.from({ length: 100 }, (_, i) => createTimer(() => fired.push(i)));
  for (const [i, each] of timers.entries()) heap.set(each, 10 + Math.floor(i / 50));
  expect(systemTimersSet()).toBe(1);
  pass(20);
  expect(fired.length).toBe(100);
  expect(systemTimersSet()).toBe(2);
});

it("a timer that is moved behind others fires after them, whatever was cleared before", () => {
  const { heap, now, pass } = openFakeHeap();
  const fired: [string, number][] = [];
  const timer = (name: string): Timer => createTimer(() => fired.push([name, now()]));
  const [a, b, c] = [timer("a"), timer("b"), timer("c")];
  heap.set(c, 5);
  heap.set(b, 50);
  heap.set(a, 10);
  heap.clear(c);
  heap.set(a, 100);
  pass(200);
  expect(fired).toEqual([
    ["b", 50],
    ["a", 100],
  ]);
});

it("does not fire a timer that an earlier one clears, and fires one that an earlier one sets", () => {
  const { heap, pass } = openFakeHeap();
  const fired: string[] = [];
  const later = createTimer(() => fired.push("later"));
  const cleared = createTimer(() => fired.push("cleared"));
  const first = createTimer(() => {
    fired.push("first");
    heap.clear(cleared);
    heap.set(later, 12);
  });
  heap.set(first, 10);
  heap.set(cleared, 10);
  pass(11);
  expect(fired).toEqual(["first"]);
  pass(1);
  expect(fired).toEqual(["first", "later"]);
});

it("holds any number of timers", () => {
  const { heap, pass } = openFakeHeap();
  const fired: number[] = [];
  const times = Array.from({ length: 1_000 }, (_, i) => (i * 617) % 1_000);
  for (const ms of times)
    heap.set(
      createTimer(() => void fired.push(ms)),
      ms,
    );
  pass(1_000);
  expect(fired).toEqual(times.toSorted((one, other) => one - other));
});

it("fires timers in order after more than 64 were set, and early ones were cleared or moved", () => {
  const { heap, pass } = openFakeHeap();
  const fired: number[] = [];
  const due = new Map<number, number>();
  const timers = Array.from({ length: 300 }, (_, i) => createTimer(() => void fired.push(i)));
  const set = (i: number, ms: number): void => {
    heap.set(timers[i]!, ms);
    due.set(i, ms);
  };
  for (const i of timers.keys()) set(i, 1 + ((i * 77) % 300));
  for (let i = 0; i < 100; i += 3) {
    heap.clear(timers[i]!);
    due.delete(i);
  }
  for (let i = 1; i < 100; i += 3) set(i, 400 + i);
  for (let i = 2; i < 64; i += 6) set(i, i / 100);
  pass(1_000);
  expect(fired).toEqual([...due].toSorted(([, one], [, other]) => one - other).map(([i]) => i));
});

it("takes no more slots than there were timers at once", () => {
  const { heap, pass } = openFakeHeap();
  const slots = new Set<number>();
  for (let round = 0; round < 100; round++) {
    const timers = [createTimer(() => undefined), createTimer(() => undefined)];
    for (const timer of timers) {
      heap.set(timer, 10 * round + 5);
      slots.add(timer.slot);
    }
    if (round % 2 === 0) heap.clear(timers[0]!);
    pass(10);
  }
  expect(slots.size).toBe(2);
});
