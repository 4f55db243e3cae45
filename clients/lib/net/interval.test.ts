import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openTimerHeap, type TimeSource } from "./timer-heap.ts";
import { startInterval } from "./interval.ts";

/** A fake clock that moves only in `busy` and `sleep`. `slept` makes a sleep shorter or longer than planned. */
function fakeClock(startMs: number, slept = (ms: number): number => ms) {
  let nowMs = startMs;
  let sleeping: { ms: number; callback(): void } | undefined;
  const time: TimeSource = {
    nowMs: () => nowMs,
    after(ms, callback) {
      sleeping = { ms, callback };
      return () => (sleeping = undefined);
    },
  };
  return {
    timers: openTimerHeap(time),
    now: () => nowMs,
    busy: (ms: number) => void (nowMs += ms),
    /** Ends the current sleep. */
    sleep() {
      const { ms, callback } = sleeping!;
      sleeping = undefined;
      nowMs += slept(ms);
      callback();
    },
  };
}

/** A function that waits for the next tick and returns its time. */
function createTicker(intervalMs: number, phase: number, clock: ReturnType<typeof fakeClock>): () => number {
  const ticked: number[] = [];
  const wait = startInterval(intervalMs, phase, () => ticked.push(clock.now()), clock.timers);
  return () => {
    wait();
    while (ticked.length === 0) clock.sleep();
    expect(ticked.length).toBe(1);
    return ticked.pop()!;
  };
}

/** The times of ticks. Before each tick the caller is busy for `busyMs`. */
function tickTimes(
  intervalMs: number,
  phase: number,
  clock: ReturnType<typeof fakeClock>,
  busyMs: readonly number[],
): number[] {
  const next = createTicker(intervalMs, phase, clock);
  return busyMs.map((ms) => {
    clock.busy(ms);
    return next();
  });
}

it("ticks at the next due time, at its phase of the interval", () => {
  expect(tickTimes(100, 0, fakeClock(1_234), [0, 0, 0])).toEqual([1_300, 1_400, 1_500]);
  expect(tickTimes(100, 0.25, fakeClock(1_234), [0, 0, 0])).toEqual([1_325, 1_425, 1_525]);
  expect(tickTimes(100, 0.5, fakeClock(1_234), [0, 0, 0])).toEqual([1_250, 1_350, 1_450]);
});

it("waits a full interval when called at a due time", () => {
  expect(tickTimes(100, 0, fakeClock(1_300), [0])).toEqual([1_400]);
  expect(tickTimes(100, 0.25, fakeClock(1_325), [0])).toEqual([1_425]);
});

it("skips the due times that passed while the caller was busy", () => {
  expect(tickTimes(100, 0, fakeClock(0), [0, 30, 350, 0, 99, 100])).toEqual([100, 200, 600, 700, 800, 1_000]);
});

it("sleeps again when a sleep ends too early", () => {
  const half = fakeClock(1_234, (ms) => ms / 2);
  expect(tickTimes(100, 0, half, [0])).toEqual([1_300]);
});

it("ticks late when a sleep ends too late, and at its phase again after that", () => {
  let late = 30;
  const clock = fakeClock(0, (ms) => ms + late);
  const next = createTicker(100, 0, clock);
  expect(next()).toBe(130);
  late = 0;
  expect(next()).toBe(200);
});

/** Eighths, so that all sums are exact. */
const eighths = (max: number) => fc.nat({ max: max * 8 }).map((n) => n / 8);

it("never ticks early or twice for one due time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.nat({ max: 63 }).map((n) => n / 64),
      eighths(100_000),
      fc.array(eighths(2_000), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(eighths(40)),
      (intervalMs, phase, startMs, busyMs, stray) => {
        const clock = fakeClock(startMs, (ms) => Math.max(1 / 8, ms - 20 + stray.next().value));
        const next = createTicker(intervalMs, phase, clock);
        const periods = (): number => Math.floor(clock.now() / intervalMs - phase);
        let last = periods();
        for (const ms of busyMs) {
          clock.busy(ms);
          const before = periods();
          next();
          expect(periods()).toBeGreaterThan(Math.max(last, before));
          last = periods();
        }
      },
    ),
  );
});

it("ticks once in every interval, also where due times are no binary fractions", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 1_000 }),
      fc.nat(),
      fc.nat({ max: 1_000_000 }),
      (intervalMs, offset, startMs) => {
        const offsetMs = offset % intervalMs;
        const exact = fakeClock(startMs);
        const times = tickTimes(intervalMs, offsetMs / intervalMs, exact, Array<number>(20).fill(0));
        const periods = times.map((ms) => Math.floor((ms - offsetMs) / intervalMs));
        expect(periods).toEqual(periods.map((_, i) => periods[0]! + i));
      },
    ),
  );
});
