import { expect, it } from "vitest";
import { execFileSync } from "node:child_process";
import {
  arrivalUs,
  chainClocks,
  clockEnvironment,
  clockIn,
  deliverAsOf,
  lineOver,
  nowMs,
  offsetBetween,
  timeArrival,
} from "./clock.ts";

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

it("what another program received earlier has that arrival time while it is delivered, and only then", () => {
  const seen: number[] = [];
  deliverAsOf(123, () => seen.push(arrivalUs()));
  const fail = (): never => {
    seen.push(arrivalUs());
    throw new Error("handler failed");
  };
  expect(() => deliverAsOf(456, fail)).toThrow("handler failed");
  expect(seen).toEqual([123, 456]);
  expect(arrivalUs()).toBeGreaterThan(456);
});

it("a process whose environment has another clock shows its time, which drifts by its ppm", () => {
  const clock = { offsetUs: 12_345e6, ppm: 400, atUs: nowMs() * 1000 };
  const module = new URL("./clock.js", import.meta.url).href;
  const script = `import("${module}").then(({ nowUs }) => console.log(Number(process.hrtime.bigint()) / 1000, nowUs()))`;
  const environment = { ...process.env, ...clockEnvironment(clock) };
  const output = execFileSync(process.execPath, ["-e", script], { env: environment, encoding: "utf8" });
  const [hostUs, shownUs] = output.split(" ").map(Number) as [number, number];
  const expectedUs = hostUs + clock.offsetUs + ((hostUs - clock.atUs) * clock.ppm) / 1e6;
  expect(shownUs - expectedUs).toBeGreaterThan(-1_000);
  expect(shownUs - expectedUs).toBeLessThan(1e6); // the second reading comes later
});

it("a clock is a line over the host's, and without one it is the host's", () => {
  expect(lineOver(700, undefined)).toEqual({ rate: 1, interceptMs: 700 });
  const { rate, interceptMs } = lineOver(700, { offsetUs: -777_000_123, ppm: 50, atUs: 1_000_000 });
  const shownMs = (performanceMs: number): number => interceptMs + performanceMs * rate;
  expect(shownMs(300)).toBeCloseTo(1_000 - 777_000.123, 6);
  expect(shownMs(10_300)).toBeCloseTo(11_000 - 777_000.123 + 0.5, 6);
});

it("a clock over another one shows what the second makes of the times of the first", () => {
  const [first, then] = [
    { offsetUs: -123, ppm: 50, atUs: 1e6 },
    { offsetUs: 12_345e6, ppm: -300, atUs: 7e6 },
  ];
  const shown = ({ offsetUs, ppm, atUs }: typeof first, us: number): number =>
    us + offsetUs + ((us - atUs) * ppm) / 1e6;
  for (const us of [0, 1e6, 100e6])
    expect(shown(chainClocks(first, then), us)).toBeCloseTo(shown(then, shown(first, us)), 3);
  expect(chainClocks(undefined, then)).toBe(then);
});

it("an environment without a clock has none, and one with nonsense is refused", () => {
  expect(clockIn({})).toBeUndefined();
  expect(clockIn(clockEnvironment({ offsetUs: 1, ppm: 2, atUs: 3 }))).toEqual({ offsetUs: 1, ppm: 2, atUs: 3 });
  expect(() => clockIn({ TRANSPORT_BENCH_CLOCK: '{"offsetUs":1}' })).toThrow("is no clock");
});
