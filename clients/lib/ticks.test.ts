import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ticks } from "./ticks.ts";

/** A clock that moves only when somebody sleeps on it or is busy. */
function pretendClock(startMs: number, slept = (ms: number): number => ms) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    busy: (ms: number) => void (nowMs += ms),
    sleep: async (ms: number) => void (nowMs += slept(ms)),
  };
}

/** The clock at each of these ticks; before each the caller is busy for so long. */
async function tickTimes(
  intervalMs: number,
  phase: number,
  clock: ReturnType<typeof pretendClock>,
  busyMs: readonly number[],
): Promise<number[]> {
  const tick = ticks(intervalMs, phase, clock.now, clock.sleep);
  const times: number[] = [];
  for (const ms of busyMs) {
    clock.busy(ms);
    await tick();
    times.push(clock.now());
  }
  return times;
}

it("comes at the next due time, at its phase of the interval", async () => {
  expect(await tickTimes(100, 0, pretendClock(1_234), [0, 0, 0])).toEqual([1_300, 1_400, 1_500]);
  expect(await tickTimes(100, 0.25, pretendClock(1_234), [0, 0, 0])).toEqual([1_325, 1_425, 1_525]);
  expect(await tickTimes(100, 0.5, pretendClock(1_234), [0, 0, 0])).toEqual([1_250, 1_350, 1_450]);
});

it("waits a whole interval when called at a due time", async () => {
  expect(await tickTimes(100, 0, pretendClock(1_300), [0])).toEqual([1_400]);
  expect(await tickTimes(100, 0.25, pretendClock(1_325), [0])).toEqual([1_425]);
});

it("skips the due times that passed while the caller was busy, and makes up for none", async () => {
  expect(await tickTimes(100, 0, pretendClock(0), [0, 30, 350, 0, 99, 100])).toEqual([100, 200, 600, 700, 800, 1_000]);
});

it("waits on where a sleep ends too early", async () => {
  const half = pretendClock(1_234, (ms) => ms / 2);
  expect(await tickTimes(100, 0, half, [0])).toEqual([1_300]);
});

it("comes late where a sleep ends too late, and at its phase again after", async () => {
  let late = 30;
  const clock = pretendClock(0, (ms) => ms + late);
  const tick = ticks(100, 0, clock.now, clock.sleep);
  await tick();
  expect(clock.now()).toBe(130);
  late = 0;
  await tick();
  expect(clock.now()).toBe(200);
});

/** Eighths, so that all sums are exact. */
const eighths = (max: number) => fc.nat({ max: max * 8 }).map((n) => n / 8);

it("is never early and never twice for one due time, whatever the clock, the sleeps and the caller do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 500 }),
      fc.nat({ max: 63 }).map((n) => n / 64),
      eighths(100_000),
      fc.array(eighths(2_000), { minLength: 1, maxLength: 20 }),
      fc.infiniteStream(eighths(40)),
      async (intervalMs, phase, startMs, busyMs, stray) => {
        const clock = pretendClock(startMs, (ms) => Math.max(1 / 8, ms - 20 + stray.next().value));
        const tick = ticks(intervalMs, phase, clock.now, clock.sleep);
        const periods = (): number => Math.floor(clock.now() / intervalMs - phase);
        let last = periods();
        for (const ms of busyMs) {
          clock.busy(ms);
          const before = periods();
          await tick();
          expect(periods()).toBeGreaterThan(Math.max(last, before));
          last = periods();
        }
      },
    ),
  );
});

it("comes once per interval, without a gap, also where due times are no whole binary fractions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 1_000 }),
      fc.nat(),
      fc.nat({ max: 1_000_000 }),
      async (intervalMs, offset, startMs) => {
        const offsetMs = offset % intervalMs;
        const exact = pretendClock(startMs);
        const times = await tickTimes(intervalMs, offsetMs / intervalMs, exact, Array<number>(20).fill(0));
        const periods = times.map((ms) => Math.floor((ms - offsetMs) / intervalMs));
        expect(periods).toEqual(periods.map((_, i) => periods[0]! + i));
      },
    ),
  );
});
