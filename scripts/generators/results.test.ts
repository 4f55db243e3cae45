import { expect, it } from "vitest";
import { summariseTools, type RoundResult } from "./results.ts";

const result = (tool: string, round: number, cpuUs: number, changes: Partial<RoundResult> = {}): RoundResult => ({
  group: "echo",
  tool,
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

it("computes ratios within a round, so that a slow round is slow for both tools", () => {
  const results = [result("base", 1, 10), result("one", 1, 12), result("base", 2, 20), result("one", 2, 26)];
  const [base, one] = summariseTools(results, ["base"]);
  expect(base).toMatchObject({ tool: "base", cpuUs: 15, ratio: { median: 1, least: 1, most: 1 } });
  expect(one).toMatchObject({ tool: "one", cpuUs: 19, ratio: { median: 1.25, least: 1.2, most: 1.3 } });
});

it("takes medians, so that one disturbed round does not change the summary", () => {
  const cpuUs = [10, 10, 90];
  const results = cpuUs.flatMap((us, i) => [result("base", i + 1, 10), result("one", i + 1, us)]);
  expect(summariseTools(results, ["base"])[1]).toMatchObject({ cpuUs: 10, ratio: { median: 1, least: 1, most: 9 } });
});

it("divides round trips by the measured seconds", () => {
  expect(summariseTools([result("one", 1, 10, { round_trips: 9_000, seconds: 3 })], [])[0]!.roundTripsPerS).toBe(3_000);
});

it("uses the first baseline that has a result", () => {
  const results = [result("two", 1, 10), result("one", 1, 5)];
  expect(summariseTools(results, ["none", "one", "two"]).map(({ ratio }) => ratio?.median)).toEqual([2, 1]);
});

it("has no ratio where no round has both tools", () => {
  expect(summariseTools([result("base", 1, 10), result("one", 2, 5)], ["base"])[1]!.ratio).toBeUndefined();
  expect(summariseTools([result("one", 1, 5)], ["base"])[0]!.ratio).toBeUndefined();
});
