import { describe, expect, it, vi } from "vitest";
import { parseThresholds } from "../../../results/rows/thresholds.ts";
import { scenarios } from "../../../scenarios/scenarios.ts";
import { parseObjective } from "../../../scenarios/search/objective.ts";
import {
  benchCommand,
  overridesFrom,
  rejectSessionOverrides,
  rejectTraceOverrides,
  thresholdsOf,
  type BenchFlags,
} from "./options.ts";

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

it("reads what lost connections mean, and how often clients may connect", () => {
  const parsed = (...args: string[]) =>
    overridesFrom(benchCommand.parse(["node", "bench", ...args]).opts<BenchFlags>());
  expect(parsed("--drops", "5%", "--connect-rate", "200/s")).toMatchObject({
    dropsAllowed: 0.05,
    connectRatePerS: 200,
  });
  expect(parsed("--drops", "fail", "--connect-rate", "0.5")).toMatchObject({ dropsAllowed: 0, connectRatePerS: 0.5 });
});

it("refuses them where each message has a connection of its own", () => {
  const flags = { transports: ["ws"], repeat: 1, format: "text" as const };
  const reject = (changes: Partial<BenchFlags>) => () =>
    rejectSessionOverrides(scenarios["connect-per-message"], { ...flags, ...changes });
  expect(reject({ drops: 1 })).toThrow(/^--drops is for clients that stay connected, .*: drop --drops\.$/);
  expect(reject({ connectRate: 5 })).toThrow(/^--connect-rate is for/);
  expect(reject({})).not.toThrow();
  expect(() => rejectSessionOverrides(scenarios["chat-100"], { ...flags, drops: 0, connectRate: 5 })).not.toThrow();
});

describe("thresholds", () => {
  const parsed = (text: string) => parseThresholds("--threshold", text);
  const found = (flags: Partial<BenchFlags>, ofScenario = "", app: "chat" | "ingest" = "chat") =>
    thresholdsOf(
      { transports: ["ws"], repeat: 1, format: "text", ...flags },
      { app, ...(ofScenario !== "" && { thresholds: parsed(ofScenario) }) },
    ).map(({ text }) => text);

  it("are those of the scenario, and the option replaces those of the same column", () => {
    expect(found({})).toEqual([]);
    expect(found({ threshold: parsed("lost<5") }, "lost=0,duplicated=0")).toEqual(["duplicated=0", "lost<5"]);
  });

  it.each<[Partial<BenchFlags>, RegExp]>([
    [{ allowUndecided: true }, /^--allow-undecided needs --max-regression or --threshold/],
    [{ abortOnThreshold: true }, /^--abort-on-threshold needs an upper bound of latency_p99_us or lost/],
    [{ abortOnThreshold: true, threshold: parsed("lost>0") }, /^--abort-on-threshold needs an upper bound/],
    [{ slo: parseObjective("p99=1s"), threshold: parsed("lost=0") }, /no threshold applies: drop --threshold\.$/],
  ])("a flag that is about nothing is refused: %j", (flags, sentence) => expect(() => found(flags)).toThrow(sentence));

  it("of the scenario are bounds that may be left undecided, too", () => {
    expect(found({ allowUndecided: true }, "lost=0")).toEqual(["lost=0"]);
    expect(found({ allowUndecided: true, maxRegression: "5%" })).toEqual([]);
    expect(found({ abortOnThreshold: true }, "lost=0")).toEqual(["lost=0"]);
  });

  it("of a server that receives end no trial early", () => {
    const flags = { abortOnThreshold: true as const, threshold: parsed("lost=0") };
    expect(found(flags)).toEqual(["lost=0"]);
    expect(() => found(flags, "", "ingest")).toThrow(/^--abort-on-threshold asks the receivers, and here the server/);
  });

  it("of a scenario do not apply to a search, and a sentence says so", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    expect(found({ slo: parseObjective("p99=1s") }, "lost=0")).toEqual([]);
    expect(log).toHaveBeenCalledWith("The thresholds of the scenario do not apply to a search.");
    log.mockRestore();
  });
});
