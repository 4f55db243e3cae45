import { expect, it } from "vitest";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { parseObjective } from "../../../scenarios/search/objective.ts";
import { rejectTraceOverrides, type BenchFlags } from "./options.ts";

const trace = { path: "/x.csv", speed: 1, listeners: 0, digest: "0", largestBytes: 20 };
const check = (flags: Partial<BenchFlags>) => () =>
  rejectTraceOverrides(
    { ...scenarios["chat-100"], trace },
    { transports: ["ws"], repeat: 1, format: "text", ...flags },
  );

it("refuses the flags whose values a trace defines, and a search, but no other flag", () => {
  expect(check({ rate: 3 })).toThrow(/^The trace defines what --rate sets: drop --rate, or use --speed/);
  for (const flags of [{ clients: 3 }, { duration: 3 }, { payloadBytes: [16] }, { slo: parseObjective("p99=1s") }])
    expect(check(flags)).toThrow(/: drop --/);
  expect(check({ warmup: 0, seed: 7, speed: 3, workers: 2 })).not.toThrow();
  expect(() =>
    rejectTraceOverrides(scenarios["chat-100"], { transports: [], repeat: 1, format: "text" as const, rate: 3 }),
  ).not.toThrow();
});
