import { expect, it } from "vitest";
import { nowMs, offsetBetween } from "./clock.ts";

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
