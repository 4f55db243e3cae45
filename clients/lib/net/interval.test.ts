import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openTimerHeap, type TimeSource } from "./timer-heap.ts";
import { startInterval } from "./interval.ts";

/** A clock that moves only when somebody sleeps on it or is busy. */
function pretendClock(startMs: number, slept = (ms: number): number => ms) {
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
    schedule: openTimerHeap(time),
    now: () => nowMs,
    busy: (ms: number) => void (nowMs += ms),
    /** Lets the sleeper wake up. */
    sleep() {
      const { ms, callback } = sleeping!;
      sleeping = undefined;
      nowMs += slept(ms);
      callback();
    },
  };
}

/** A function that waits for the next tick and returns the clock then. */
function ticker(intervalMs: number, phase: number, clock: ReturnType<typeof pretendClock>): () => number {
  const ticked: number[] = [];
  const wait = startInterval(intervalMs, phase, () => ticked.push(clock.now()), clock.schedule);
  return () => {
    wait();
    while (ticked.length === 0) clock.sleep();
    expect(ticked.length).toBe(1);
    return ticked.pop()!;
  };
}

/** The clock at each of these ticks; before each the caller is busy for so long. */
function tickTimes(
  intervalMs: number,
  phase: number,
  clock: ReturnType<typeof pretendClock>,
  busyMs: readonly number[],
): number[] {
  const next = ticker(intervalMs, phase, clock);
  return busyMs.map((ms) => {
    clock.busy(ms);
    return next();
  });
}

it("comes at the next due time, at its phase of the interval", () => {
  expect(tickTimes(100, 0, pretendClock(1_234), [0, 0, 0])).toEqual([1_300, 1_400, 1_500]);
  expect(tickTimes(100, 0.25, pretendClock(1_234), [0, 0, 0])).toEqual([1_325, 1_425, 1_525]);
  expect(tickTimes(100, 0.5, pretendClock(1_234), [0, 0, 0])).toEqual([1_250, 1_350, 1_450]);
});

it("waits a whole interval when called at a due time", () => {
  expect(tickTimes(100, 0, pretendClock(1_300), [0])).toEqual([1_400]);
  expect(tickTimes(100, 0.25, pretendClock(1_325), [0])).toEqual([1_425]);
});

it("skips the due times that passed while the caller was busy, and makes up for none", () => {
  expect(tickTimes(100, 0, pretendClock(0), [0, 30, 350, 0, 99, 100])).toEqual([100, 200, 600, 700, 800, 1_000]);
});

it("waits on where a sleep ends too early", () => {
  const half = pretendClock(1_234, (ms) => ms / 2);
  expect(tickTimes(100, 0, half, [0])).toEqual([1_300]);
});

it("comes late where a sleep ends too late, and at its phase again after", () => {
  let late = 30;
  const clock = pretendClock(0, (ms) => ms + late);
  const next = ticker(100, 0, clock);
  expect(next()).toBe(130);
  late = 0;
  expect(next()).toBe(200);
});

/** Eighths, so that all sums are exact. */
const eighths = (max: number) => fc.nat({ max: max * 8 }).map((n) => n / 8);

it("is never early and never twice for one due time, whatever the clock, the sleeps and the caller do", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.nat({ max: 63 }).map((n) => n / 64),
      eighths(100_000),
      fc.array(eighths(2_000), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(eighths(40)),
      (intervalMs, phase, startMs, busyMs, stray) => {
        const clock = pretendClock(startMs, (ms) => Math.max(1 / 8, ms - 20 + stray.next().value));
        const next = ticker(intervalMs, phase, clock);
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

it("comes once per interval, without a gap, also where due times are no whole binary fractions", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 1_000 }),
      fc.nat(),
      fc.nat({ max: 1_000_000 }),
      (intervalMs, offset, startMs) => {
        const offsetMs = offset % intervalMs;
        const exact = pretendClock(startMs);
        const times = tickTimes(intervalMs, offsetMs / intervalMs, exact, Array<number>(20).fill(0));
        const periods = times.map((ms) => Math.floor((ms - offsetMs) / intervalMs));
        expect(periods).toEqual(periods.map((_, i) => periods[0]! + i));
      },
    ),
  );
});
