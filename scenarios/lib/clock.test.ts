import { expect, it } from "vitest";
import { arrivalUs, nowMs, offsetBetween, timeArrival } from "./clock.ts";

/** Clocks of a process that loses its CPU for 7 ms before most of its readings. */
function interrupted(offsetMs: number): [() => number, () => number] {
  let [timeMs, reading] = [0, 0];
  const tick = (): number => {
    timeMs += reading++ % 13 < 3 ? 0.001 : 7;
    return timeMs;
  };
  return [tick, () => tick() + offsetMs];
}

it("finds how far two clocks are apart, however often the process is interrupted between reading them", () => {
  expect(offsetBetween(...interrupted(1_234.5))).toBeCloseTo(1_234.5, 2);
});

it("agrees with the host's monotonic clock to well below a tenth of a millisecond", () => {
  const apart = Array.from({ length: 50 }, () => Math.abs(nowMs() - Number(process.hrtime.bigint()) / 1e6));
  expect(Math.min(...apart)).toBeLessThan(0.1);
});

it("answers the one reading of an event for as long as the event is handled, and the time at any other", async () => {
  const readings: number[] = [];
  const read = (): void => void readings.push(arrivalUs());
  const dawdle = (): void => {
    for (const untilMs = nowMs() + 2; nowMs() < untilMs;);
  };
  let afterwards = Promise.resolve();
  timeArrival(
    {
      data() {
        read();
        dawdle();
        read();
        afterwards = Promise.resolve().then(read);
      },
    },
    undefined,
    0,
    0,
  );
  await afterwards;
  read();
  const [first, second, third, fourth] = readings as [number, number, number, number];
  expect(second).toBe(first);
  expect(third).toBeGreaterThanOrEqual(first + 2000);
  expect(fourth).toBeGreaterThan(third);
});

it("forgets the reading of an event whose handler throws", () => {
  let during = 0;
  const fail = (): never => {
    during = arrivalUs();
    throw new Error("as told");
  };
  expect(() => timeArrival({ data: fail }, undefined, 0, 0)).toThrow("as told");
  expect(arrivalUs()).not.toBe(during);
});
