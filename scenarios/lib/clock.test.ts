import { expect, it } from "vitest";
import { arrivalUs, nowMs, offsetBetween, timeArrival } from "./clock.ts";

/** Two clocks of a process that loses its CPU for 7 ms before most readings. */
function interrupted(offsetMs: number): [() => number, () => number] {
  let [timeMs, reading] = [0, 0];
  const tick = (): number => {
    timeMs += reading++ % 13 < 3 ? 0.001 : 7;
    return timeMs;
  };
  return [tick, () => tick() + offsetMs];
}

it("finds the difference of two clocks although most readings are interrupted", () => {
  expect(offsetBetween(...interrupted(1_234.5))).toBeCloseTo(1_234.5, 2);
});

it("agrees with the host's monotonic clock to a tenth of a millisecond", () => {
  const differences = Array.from({ length: 50 }, () => Math.abs(nowMs() - Number(process.hrtime.bigint()) / 1e6));
  expect(Math.min(...differences)).toBeLessThan(0.1);
});

it("returns one arrival time while an event is handled, and the present time outside of one", async () => {
  const readings: number[] = [];
  const read = (): void => void readings.push(arrivalUs());
  const busyWait = (): void => {
    for (const untilMs = nowMs() + 2; nowMs() < untilMs;);
  };
  let afterwards = Promise.resolve();
  timeArrival(
    {
      data() {
        read();
        busyWait();
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

it("forgets the arrival time of an event whose handler throws", () => {
  let during = 0;
  const fail = (): never => {
    during = arrivalUs();
    throw new Error("handler failed");
  };
  expect(() => timeArrival({ data: fail }, undefined, 0, 0)).toThrow("handler failed");
  expect(arrivalUs()).not.toBe(during);
});
