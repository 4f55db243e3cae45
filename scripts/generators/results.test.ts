import { expect, it } from "vitest";
import { summarise, type RoundResult } from "./results.ts";

const figure = (tool: string, round: number, cpuUs: number, changes: Partial<RoundResult> = {}): RoundResult => ({
  group: "echo",
  peer: tool,
  version: "1.0.0",
  connections: 1_000,
  offered_per_s: undefined,
  round,
  round_trips: 40_000,
  seconds: 4,
  cpu_us_per_round_trip: cpuUs,
  generator_cpu_percent: 10,
  server_cpu_percent: 90,
  other_cpu_percent: 0,
  ...changes,
});

it("takes ratios round by round, so that a slow round is slow for both", () => {
  const figures = [figure("base", 1, 10), figure("one", 1, 12), figure("base", 2, 20), figure("one", 2, 26)];
  const [base, one] = summarise(figures, ["base"]);
  expect(base).toMatchObject({ peer: "base", cpuUs: 15, ratio: { median: 1, least: 1, most: 1 } });
  expect(one).toMatchObject({ peer: "one", cpuUs: 19, ratio: { median: 1.25, least: 1.2, most: 1.3 } });
});

it("gives medians, so that one disturbed round decides nothing", () => {
  const cpuUs = [10, 10, 90];
  const figures = cpuUs.flatMap((us, i) => [figure("base", i + 1, 10), figure("one", i + 1, us)]);
  expect(summarise(figures, ["base"])[1]).toMatchObject({ cpuUs: 10, ratio: { median: 1, least: 1, most: 9 } });
});

it("says what was done per second of the measured time", () => {
  expect(summarise([figure("one", 1, 10, { round_trips: 9_000, seconds: 3 })], [])[0]!.roundTripsPerS).toBe(3_000);
});

it("takes the first baseline that was measured", () => {
  const figures = [figure("two", 1, 10), figure("one", 1, 5)];
  expect(summarise(figures, ["none", "one", "two"]).map(({ ratio }) => ratio?.median)).toEqual([2, 1]);
});

it("has no ratio where no round has both", () => {
  expect(summarise([figure("base", 1, 10), figure("one", 2, 5)], ["base"])[1]!.ratio).toBeUndefined();
  expect(summarise([figure("one", 1, 5)], ["base"])[0]!.ratio).toBeUndefined();
});
