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

/** What a probe is made to see: a verdict, or more of it. */
type Saw = ProbeVerdict | (Pick<ProbeResult, "verdict"> & Partial<ProbeResult>);

/** Searches with pretended probes until it is over, or until it has lasted `most` probes. */
function searched(see: (probe: Probe, number: number) => Saw, where = range, most = 100) {
  const seen: ProbeResult[] = [];
  for (let probe; seen.length < most && (probe = nextProbe(where, seen));) {
    const saw = see(probe, seen.length);
    seen.push({ probe, tooFewSamples: false, retryable: false, ...(typeof saw === "string" ? { verdict: saw } : saw) });
  }
  return { seen, ...outcome(where, seen) };
}

/** A transport that keeps any objective up to that rung and none above. */
const until =
  (step: number) =>
  ({ step: tried }: Probe): ProbeVerdict =>
    tried <= step ? "kept" : "missed";

describe("on a transport with a sharp limit", () => {
  it("finds the rung below and above it, wherever it lies", () => {
    for (let step = 0; step < range.top; step++)
      expect(searched(until(step))).toMatchObject({ answer: "found", kept: step, missed: step + 1, because: "missed" });
  });

  it("decides both by three trials with messages enough", () => {
    const { seen, kept, missed } = searched(until(60));
    const purposes = (step?: number): string[] => resultsAt(seen, step).map(({ probe }) => probe.purpose);
    for (const rung of [kept, missed]) expect(purposes(rung)).toEqual(["decide", "decide", "decide"]);
    for (const { probe } of seen) expect(probe.messages).toBe(probe.purpose === "coarse" ? 200 : 1_000);
  });

  it("never begins a probe more than an octave above what was kept, nor above what was missed", () => {
    const { seen } = searched(until(60));
    for (const [i, { probe }] of seen.entries()) {
      const before = seen.slice(0, i);
      const kept = before.filter(({ verdict }) => verdict === "kept").map((each) => each.probe.step);
      const missed = before.filter(({ verdict }) => verdict === "missed").map((each) => each.probe.step);
      expect(probe.step).toBeLessThanOrEqual(Math.min(Math.max(start, ...kept) + 14, ...missed));
    }
  });

  it("goes on scouting where a scout was wrong", () => {
    const early = (probe: Probe): ProbeVerdict =>
      probe.purpose === "coarse" && probe.step === 28 ? "missed" : until(60)(probe);
    const { seen, kept } = searched(early);
    expect(kept).toBe(60);
    expect(seen.length).toBeLessThanOrEqual(30);
  });

  it("leaves rungs whose trials disagree between what is kept and what is missed, in steps that grow with them", () => {
    const turns = new Map<number, ProbeVerdict[]>([
      [60, ["kept", "missed"]],
      [61, ["kept", "kept", "missed"]],
    ]);
    const { seen, ...found } = searched((probe) => {
      const own = probe.purpose === "decide" ? turns.get(probe.step) : undefined;
      return own ? own.shift()! : until(61)(probe);
    });
    expect(found).toMatchObject({ answer: "found", kept: 58, missed: 63 });
    const decided = seen.filter(({ probe }) => probe.purpose === "decide").map(({ probe }) => probe.step);
    expect(decided).toEqual([61, 61, 61, 60, 60, 58, 58, 58, 63, 63, 63]);
  });
});

/** Latency at the 99th percentile of a queue in a trial of `spanMs`, its warm-up included: it only grows where it is overloaded. */
function p99Ms(ratePerS: number, capacityPerS: number, spanMs: number): number {
  const serviceMs = 1000 / capacityPerS;
  const load = ratePerS / capacityPerS;
  const atRest = load < 1 ? 5 + (serviceMs * Math.log(100)) / (1 - load) : Infinity;
  const growing = Math.max(0, load - 1) * spanMs + 5 + serviceMs * Math.log(100) * Math.sqrt(spanMs / serviceMs);
  return Math.min(atRest, growing);
}

/** Searches a queue whose capacity and latency are a little different in every trial. */
function searchQueue(capacityPerS: number, seed: number, from: number) {
  const next = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  let seconds = 0;
  const found = searched(
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

  it("answers with the bracket that holds the truth or one beside it, in nearly all of many runs", () => {
    const close = runs.filter(({ kept, missed, truth }) => kept! <= truth + 1 && truth <= missed!);
    expect(close.length / runs.length).toBeGreaterThanOrEqual(0.98);
  });

  it("answers the same twice, or with brackets that touch", () => {
    const again = seeds.map((seed) => searchQueue(capacityPerS * (1 + 0.05 * ((seed * 0.37) % 1)), seed + 1_000, from));
    const touching = runs.filter(({ kept, missed }, i) => kept! <= again[i]!.missed! && again[i]!.kept! <= missed!);
    expect(touching.length / runs.length).toBeGreaterThanOrEqual(0.95);
  });

  it("takes about twenty trials and six minutes", () => {
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    expect(mean(({ seen }) => seen.length)).toBeLessThan(23);
    expect(mean(({ seconds }) => seconds)).toBeLessThan(360);
  });
});

describe("on a transport that is sometimes slow from well below its limit on", () => {
  /** Keeps the objective in a share of trials that falls from one half at a rung as a logistic does, over about eight rungs. */
  function searchLuck(half: number, seed: number) {
    const next = seededRandom(seed);
    const see = ({ step }: Probe): ProbeVerdict =>
      next() < 1 / (1 + Math.exp((step - half) / 1.5)) ? "kept" : "missed";
    return searched(see, { ...range, start: 50 });
  }
  const seeds = Array.from({ length: 400 }, (_, i) => i + 1);
  const halves = seeds.map((seed) => 45 + 30 * seededRandom(seed)());
  const [once, twice] = [0, 1_000].map((more) => seeds.map((seed, i) => searchLuck(halves[i]!, seed + more)));

  it("answers with brackets that hold the rung that half of all trials keep, nearly always", () => {
    const hold = once!.filter(({ kept, missed }, i) => kept! <= halves[i]! + 1 && halves[i]! - 1 <= missed!);
    expect(hold.length / seeds.length).toBeGreaterThanOrEqual(0.95);
  });

  it("answers twice with brackets that overlap or touch, nearly always", () => {
    const touching = once!.filter(({ kept, missed }, i) => kept! <= twice![i]!.missed! && twice![i]!.kept! <= missed!);
    expect(touching.length / seeds.length).toBeGreaterThanOrEqual(0.95);
  });

  it("takes fewer than forty trials", () => {
    expect(once!.reduce((sum, { seen }) => sum + seen.length, 0) / seeds.length).toBeLessThan(40);
  });
});

describe("where nothing is kept", () => {
  it("goes down to the lowest rung, decides it, and answers that there is no rate", () => {
    const { seen, ...found } = searched(() => "missed", { ...range, start: 40 });
    expect(found).toMatchObject({ answer: "no rate", kept: undefined, missed: 0, because: "missed" });
    expect(resultsAt(seen, 0).map(({ probe }) => probe.purpose)).toEqual(["decide", "decide", "decide"]);
  });

  it("takes one probe as the proof where the protocol forbids it", () => {
    const { seen, ...found } = searched(() => ({ verdict: "missed", retryable: true }), { ...range, forbidden: true });
    expect([found.answer, found.missed, seen.length]).toEqual(["no rate", start, 1]);
  });

  it("searches on where what the protocol forbids is kept all the same", () => {
    expect(searched(until(7), { ...range, forbidden: true })).toMatchObject({ answer: "found", kept: 7 });
  });

  it.each(["broken", "generator"] as const)("answers that nothing was measured where every trial is %s", (verdict) => {
    expect(searched(() => verdict)).toMatchObject({ answer: "not measured", missed: 0, because: verdict });
  });
});

it("answers at least, where what missed was the generator", () => {
  const found = searched(({ step }) => (step <= 30 ? "kept" : "generator"));
  expect(found).toMatchObject({ answer: "at least", kept: 30, missed: 31, because: "generator" });
});

it("finds the limit of a transport that breaks above it", () => {
  const found = searched(({ step }) => (step <= 30 ? "kept" : "broken"));
  expect(found).toMatchObject({ answer: "found", kept: 30, missed: 31, because: "broken" });
});

it("answers at least, where the highest rung is kept", () => {
  const found = searched(() => "kept", { ...range, top: 20 });
  expect(found).toMatchObject({ answer: "at least", kept: 20, missed: undefined });
});

describe("tries again", () => {
  const probesAt = (seen: readonly ProbeResult[], step: number): Probe[] =>
    seen.filter(({ probe }) => probe.step === step && probe.purpose === "decide").map(({ probe }) => probe);

  it("a probe that was disturbed, which does not count then", () => {
    let disturbances = 1;
    const { seen, kept } = searched((probe) =>
      probe.step === 5 && probe.purpose === "decide" && disturbances-- > 0
        ? { verdict: "missed", retryable: true }
        : until(5)(probe),
    );
    expect(kept).toBe(5);
    expect(probesAt(seen, 5).map(({ isRetry }) => isRetry)).toEqual([0, 1, 0, 0]);
    expect(resultsAt(seen, 5).every(({ verdict }) => verdict === "kept")).toBe(true);
  });

  it("twice, then takes what it sees", () => {
    const { seen, answer, kept } = searched((probe) => ({ verdict: until(5)(probe), retryable: probe.step > 5 }));
    expect([answer, kept]).toEqual(["found", 5]);
    expect(probesAt(seen, 6).map(({ isRetry }) => isRetry)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(resultsAt(seen, 6)).toHaveLength(3);
  });

  it("a probe with too few messages with twice as many, twice at most", () => {
    const { seen, kept } = searched((probe) => ({ verdict: until(5)(probe), tooFewSamples: true }));
    expect(kept).toBe(5);
    expect(probesAt(seen, 6).map(({ messages }) => messages)).toEqual([
      1_000, 2_000, 4_000, 1_000, 2_000, 4_000, 1_000, 2_000, 4_000,
    ]);
  });

  it("a scout that was disturbed once, but not one with too few messages", () => {
    const tries = (saw: Partial<ProbeResult>): number[] =>
      searched((probe) => ({ verdict: until(5)(probe), ...(probe.step > 5 && saw) }))
        .seen.filter(({ probe }) => probe.purpose === "coarse")
        .map(({ probe }) => probe.isRetry);
    expect(Math.max(...tries({ retryable: true }))).toBe(1);
    expect(Math.max(...tries({ tooFewSamples: true }))).toBe(0);
  });
});

describe("ended before its time", () => {
  const all = searched(until(60)).seen.length;

  it("is not finished, whenever that is, and never says what was not seen", () => {
    for (let most = 1; most < all; most++) {
      const { answer, kept = -1, missed = Infinity } = searched(until(60), range, most);
      expect(answer).toBe("not finished");
      expect(kept <= 60 && missed > 60).toBe(true);
    }
  });

  it("says whether what is known is from coarse probes alone", () => {
    expect(searched(until(60), range, 3)).toMatchObject({ kept: 28, missed: undefined, coarseOnly: true });
    expect(searched(until(60), range, all - 1)).toMatchObject({ kept: 60, missed: undefined, coarseOnly: false });
  });
});
