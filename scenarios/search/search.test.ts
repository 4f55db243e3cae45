import { describe, expect, it } from "vitest";
import { seededRandom } from "../lib/random.ts";
import type { Settings } from "../definitions/settings.ts";
import { rateGrid } from "./grid.ts";
import { nextProbe, outcome, type SearchRange } from "./search.ts";
import { probeSettings } from "./probe-settings.ts";
import { resultsAt, type Probe, type ProbeResult, type ProbeVerdict } from "./probe-results.ts";

const { values, start } = rateGrid(10, 10, 1_000_000);
const range: SearchRange = { start, top: values.length - 1, messages: 1_000, forbidden: false };
const limitMs = 250;

/** The result that a test gives a probe: a verdict, or more. */
type StubResult = ProbeVerdict | (Pick<ProbeResult, "verdict"> & Partial<ProbeResult>);

/** A search with made-up results until it is over, or for `most` probes. */
function search(resultOf: (probe: Probe, number: number) => StubResult, where = range, most = 100) {
  const results: ProbeResult[] = [];
  for (let probe; results.length < most && (probe = nextProbe(where, results));) {
    const stub = resultOf(probe, results.length);
    const result = typeof stub === "string" ? { verdict: stub } : stub;
    results.push({ probe, tooFewSamples: false, retryable: false, ...result });
  }
  return { results, ...outcome(where, results) };
}

/** The verdicts of a transport that keeps the objective up to that step and misses it above. */
const until =
  (step: number) =>
  ({ step: tried }: Probe): ProbeVerdict =>
    tried <= step ? "kept" : "missed";

describe("on a transport with a sharp limit", () => {
  it("finds the steps below and above the limit, wherever it is", () => {
    for (let step = 0; step < range.top; step++)
      expect(search(until(step))).toMatchObject({
        answer: "found",
        kept: step,
        missed: step + 1,
        missReason: "missed",
      });
  });

  it("decides both steps by three trials with enough messages", () => {
    const { results, kept, missed } = search(until(60));
    const purposes = (step?: number): string[] => resultsAt(results, step).map(({ probe }) => probe.purpose);
    for (const step of [kept, missed]) expect(purposes(step)).toEqual(["decide", "decide", "decide"]);
    for (const { probe } of results) expect(probe.messages).toBe(probe.purpose === "coarse" ? 200 : 1_000);
  });

  it("never probes more than a doubling above a kept step, nor above a missed one", () => {
    const { results } = search(until(60));
    for (const [i, { probe }] of results.entries()) {
      const before = results.slice(0, i);
      const kept = before.filter(({ verdict }) => verdict === "kept").map((each) => each.probe.step);
      const missed = before.filter(({ verdict }) => verdict === "missed").map((each) => each.probe.step);
      expect(probe.step).toBeLessThanOrEqual(Math.min(Math.max(start, ...kept) + 14, ...missed));
    }
  });

  it("continues with coarse probes if one was wrong", () => {
    const early = (probe: Probe): ProbeVerdict =>
      probe.purpose === "coarse" && probe.step === 28 ? "missed" : until(60)(probe);
    const { results, kept } = search(early);
    expect(kept).toBe(60);
    expect(results.length).toBeLessThanOrEqual(30);
  });

  it("leaves mixed steps between kept and missed, and moves further with each of them", () => {
    const verdicts = new Map<number, ProbeVerdict[]>([
      [60, ["kept", "missed"]],
      [61, ["kept", "kept", "missed"]],
    ]);
    const { results, ...found } = search((probe) => {
      const pending = probe.purpose === "decide" ? verdicts.get(probe.step) : undefined;
      return pending ? pending.shift()! : until(61)(probe);
    });
    expect(found).toMatchObject({ answer: "found", kept: 58, missed: 63 });
    const decided = results.filter(({ probe }) => probe.purpose === "decide").map(({ probe }) => probe.step);
    expect(decided).toEqual([61, 61, 61, 60, 60, 58, 58, 58, 63, 63, 63]);
  });
});

/**
 * Latency at the 99th percentile of a queue in a trial of `spanMs`, warm-up included. Only an overloaded queue grows.
 */
function p99Ms(ratePerS: number, capacityPerS: number, spanMs: number): number {
  const serviceMs = 1000 / capacityPerS;
  const load = ratePerS / capacityPerS;
  const atRest = load < 1 ? 5 + (serviceMs * Math.log(100)) / (1 - load) : Infinity;
  const growing = Math.max(0, load - 1) * spanMs + 5 + serviceMs * Math.log(100) * Math.sqrt(spanMs / serviceMs);
  return Math.min(atRest, growing);
}

/** A search on a queue whose capacity and latency differ slightly in every trial. */
function searchQueue(capacityPerS: number, seed: number, from: number) {
  const next = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  let seconds = 0;
  const found = search(
    (probe) => {
      const rate = values[probe.step]!;
      const settings = probeSettings({ ratePerS: rate } as Settings, probe, { name: "p99", limitMs }, {});
      const spanMs = settings.durationMs + settings.warmupMs;
      seconds += spanMs / 1000 + 4;
      const latencyMs = p99Ms(rate, capacityPerS * (1 + 0.01 * normal()), spanMs) * Math.exp(0.1 * normal());
      return latencyMs <= limitMs ? "kept" : "missed";
    },
    { ...range, start: values.indexOf(from) },
  );
  const truth = values.findLastIndex((rate) => p99Ms(rate, capacityPerS, 1e12) <= limitMs);
  return { ...found, seconds, truth };
}

describe.each([
  [100, 10],
  [20_000, 100],
])("on a noisy queue that serves about %i a second, from %i on", (capacityPerS, from) => {
  const seeds = Array.from({ length: 400 }, (_, i) => i + 1);
  const runs = seeds.map((seed) => searchQueue(capacityPerS * (1 + 0.05 * ((seed * 0.37) % 1)), seed, from));

  it("finds the true bracket or one next to it in at least 98 % of many runs", () => {
    const close = runs.filter(({ kept, missed, truth }) => kept! <= truth + 1 && truth <= missed!);
    expect(close.length / runs.length).toBeGreaterThanOrEqual(0.98);
  });

  it("finds the same or a touching bracket in a second run", () => {
    const again = seeds.map((seed) => searchQueue(capacityPerS * (1 + 0.05 * ((seed * 0.37) % 1)), seed + 1_000, from));
    const touching = runs.filter(({ kept, missed }, i) => kept! <= again[i]!.missed! && again[i]!.kept! <= missed!);
    expect(touching.length / runs.length).toBeGreaterThanOrEqual(0.95);
  });

  it("takes about twenty trials and six minutes", () => {
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    expect(mean(({ results }) => results.length)).toBeLessThan(23);
    expect(mean(({ seconds }) => seconds)).toBeLessThan(360);
  });
});

describe("on a transport that is sometimes slow well below its limit", () => {
  /**
   * The share of trials that keep the objective falls as a logistic function over about eight steps, and is one half at
   * `half`.
   */
  function searchBlurred(half: number, seed: number) {
    const next = seededRandom(seed);
    const verdictAt = ({ step }: Probe): ProbeVerdict =>
      next() < 1 / (1 + Math.exp((step - half) / 1.5)) ? "kept" : "missed";
    return search(verdictAt, { ...range, start: 50 });
  }
  const seeds = Array.from({ length: 400 }, (_, i) => i + 1);
  const halves = seeds.map((seed) => 45 + 30 * seededRandom(seed)());
  const [once, twice] = [0, 1_000].map((more) => seeds.map((seed, i) => searchBlurred(halves[i]!, seed + more)));

  it("finds a bracket around the step that half of all trials keep in at least 95 % of runs", () => {
    const hold = once!.filter(({ kept, missed }, i) => kept! <= halves[i]! + 1 && halves[i]! - 1 <= missed!);
    expect(hold.length / seeds.length).toBeGreaterThanOrEqual(0.95);
  });

  it("finds an overlapping or touching bracket in a second run in at least 95 % of runs", () => {
    const touching = once!.filter(({ kept, missed }, i) => kept! <= twice![i]!.missed! && twice![i]!.kept! <= missed!);
    expect(touching.length / seeds.length).toBeGreaterThanOrEqual(0.95);
  });

  it("takes fewer than forty trials", () => {
    expect(once!.reduce((sum, { results }) => sum + results.length, 0) / seeds.length).toBeLessThan(40);
  });
});

describe("if nothing is kept", () => {
  it("goes down to the lowest step, decides it, and answers that there is no rate", () => {
    const { results, ...found } = search(() => "missed", { ...range, start: 40 });
    expect(found).toMatchObject({ answer: "no rate", kept: undefined, missed: 0, missReason: "missed" });
    expect(resultsAt(results, 0).map(({ probe }) => probe.purpose)).toEqual(["decide", "decide", "decide"]);
  });

  it("needs only one probe if the protocol makes the objective impossible", () => {
    const { results, ...found } = search(() => ({ verdict: "missed", retryable: true }), { ...range, forbidden: true });
    expect([found.answer, found.missed, results.length]).toEqual(["no rate", start, 1]);
  });

  it("continues if an objective that should be impossible is kept", () => {
    expect(search(until(7), { ...range, forbidden: true })).toMatchObject({ answer: "found", kept: 7 });
  });

  it.each(["broken", "generator"] as const)("answers that nothing was measured if every trial is %s", (verdict) => {
    expect(search(() => verdict)).toMatchObject({ answer: "not measured", missed: 0, missReason: verdict });
  });
});

it("answers at least if the generator was at its limit", () => {
  const found = search(({ step }) => (step <= 30 ? "kept" : "generator"));
  expect(found).toMatchObject({ answer: "at least", kept: 30, missed: 31, missReason: "generator" });
});

it("finds the limit of a transport that breaks above it", () => {
  const found = search(({ step }) => (step <= 30 ? "kept" : "broken"));
  expect(found).toMatchObject({ answer: "found", kept: 30, missed: 31, missReason: "broken" });
});

it("answers at least if the highest step is kept", () => {
  const found = search(() => "kept", { ...range, top: 20 });
  expect(found).toMatchObject({ answer: "at least", kept: 20, missed: undefined });
});

describe("a probe is tried again", () => {
  const probesAt = (results: readonly ProbeResult[], step: number): Probe[] =>
    results.filter(({ probe }) => probe.step === step && probe.purpose === "decide").map(({ probe }) => probe);

  it("if it was disturbed, and then does not count", () => {
    let disturbances = 1;
    const { results, kept } = search((probe) =>
      probe.step === 5 && probe.purpose === "decide" && disturbances-- > 0
        ? { verdict: "missed", retryable: true }
        : until(5)(probe),
    );
    expect(kept).toBe(5);
    expect(probesAt(results, 5).map(({ retries }) => retries)).toEqual([0, 1, 0, 0]);
    expect(resultsAt(results, 5).every(({ verdict }) => verdict === "kept")).toBe(true);
  });

  it("at most twice, and then counts", () => {
    const { results, answer, kept } = search((probe) => ({ verdict: until(5)(probe), retryable: probe.step > 5 }));
    expect([answer, kept]).toEqual(["found", 5]);
    expect(probesAt(results, 6).map(({ retries }) => retries)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(resultsAt(results, 6)).toHaveLength(3);
  });

  it("with twice as many messages if it had too few", () => {
    const { results, kept } = search((probe) => ({ verdict: until(5)(probe), tooFewSamples: true }));
    expect(kept).toBe(5);
    expect(probesAt(results, 6).map(({ messages }) => messages)).toEqual([
      1_000, 2_000, 4_000, 1_000, 2_000, 4_000, 1_000, 2_000, 4_000,
    ]);
  });

  it("once if it is a coarse probe that was disturbed, but not if it had too few messages", () => {
    const retriesOf = (changes: Partial<ProbeResult>): number[] =>
      search((probe) => ({ verdict: until(5)(probe), ...(probe.step > 5 && changes) }))
        .results.filter(({ probe }) => probe.purpose === "coarse")
        .map(({ probe }) => probe.retries);
    expect(Math.max(...retriesOf({ retryable: true }))).toBe(1);
    expect(Math.max(...retriesOf({ tooFewSamples: true }))).toBe(0);
  });
});

describe("a search that is ended early", () => {
  const all = search(until(60)).results.length;

  it("is not finished, at any point, and claims nothing that was not measured", () => {
    for (let most = 1; most < all; most++) {
      const { answer, kept = -1, missed = Infinity } = search(until(60), range, most);
      expect(answer).toBe("not finished");
      expect(kept <= 60 && missed > 60).toBe(true);
    }
  });

  it("says whether its numbers are from coarse probes alone", () => {
    expect(search(until(60), range, 3)).toMatchObject({ kept: 28, missed: undefined, coarseOnly: true });
    expect(search(until(60), range, all - 1)).toMatchObject({ kept: 60, missed: undefined, coarseOnly: false });
  });
});
