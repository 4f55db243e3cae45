import { describe, expect, it } from "vitest";
import {
  idleProcess,
  testKeys,
  testMeasurement,
  recordedHistogram,
  slicesOf,
  type TestChanges,
} from "../../results/testing/measurement.ts";
import { failedRow, buildRow } from "../../results/rows/row.ts";
import { UserError } from "../lib/errors.ts";
import type { Settings } from "../definitions/settings.ts";
import { floorMs, objectiveLatencyUs, messagesFor, parseObjective, classify } from "./objective.ts";
import { probeSettings } from "./probe-settings.ts";

const objective = parseObjective("p99=250ms");
const longer = { ...testKeys, duration_s: 10, offered_per_s: 1 };
const classified = (changes: TestChanges) => classify(buildRow(longer, testMeasurement(changes)), objective);
const slow = {
  latencyUs: recordedHistogram(300_000),
  serviceUs: recordedHistogram(300_000),
  largestUs: new Float32Array(10).fill(300_000),
};

it("reads a percentile and a limit", () => {
  expect(parseObjective("p99.9=2s")).toEqual({ name: "p99.9", limitMs: 2_000 });
  expect(["p50=1ms", "p90=1ms", "p99=1ms", "p99.9=1ms"].map((text) => messagesFor(parseObjective(text)))).toEqual([
    1_000, 1_000, 1_000, 10_000,
  ]);
  expect(floorMs(objective, 1_000)).toBe(990);
});

it.each(["p98=1s", "p99", "p99=", "=1s", "250ms", "constructor=1s", "p99=250", "p99=0ms"])("rejects %s", (text) => {
  expect(() => parseObjective(text)).toThrow(UserError);
});

describe("classify", () => {
  it("says whether the objective was kept, or missed by its latency or by a loss", () => {
    expect(classified({})).toEqual({ verdict: "kept", tooFewSamples: false, retryable: false });
    expect(classified(slow)).toEqual({ verdict: "missed", tooFewSamples: false, retryable: false });
    expect(classified({ delivered: 99 })).toEqual({ verdict: "missed", tooFewSamples: false, retryable: false });
    expect(classify(buildRow(longer, testMeasurement(slow)), parseObjective("p99=301ms")).verdict).toBe("kept");
  });

  it("misses where clients were refused or dropped, although their messages are not expected, and blames no generator", () => {
    const unplanned = { planned: 9, sent: 9, expected: 90, delivered: 90 };
    for (const gone of [{ refused: new Map([["503", 1]]) }, { dropped: new Map([["closed", 1]]), droppedAtS: [1] }])
      expect(classified({ ...unplanned, gone })).toEqual({ verdict: "missed", tooFewSamples: false, retryable: false });
  });

  it("calls a failed trial and an invalid row broken", () => {
    expect(classify(failedRow(testKeys, "client 1 lost its connection"), objective)).toEqual({
      verdict: "broken",
      tooFewSamples: false,
      retryable: false,
    });
    expect(classified({ early: 1 }).verdict).toBe("broken");
  });

  it("blames the generator for a miss if it was saturated, under-sent, or late by more than the excess", () => {
    expect(classified({ ...slow, workers: [{ ...idleProcess, cpuPercent: 95 }] }).verdict).toBe("generator");
    expect(classified({ sent: 9, expected: 90, delivered: 90 }).verdict).toBe("generator");
    expect(classified({ ...slow, sendLagUs: recordedHistogram(60_000) }).verdict).toBe("generator");
    expect(classified({ ...slow, sendLagUs: recordedHistogram(40_000) }).verdict).toBe("missed");
  });

  it("counts an objective as kept although a worker was saturated", () => {
    expect(classified({ workers: [{ ...idleProcess, cpuPercent: 95 }] }).verdict).toBe("kept");
  });

  it("makes a miss retryable if other programs used the CPU or the server was not steady", () => {
    const waiting = { workers: [{ ...idleProcess, cpuWaitPercent: 40 }] };
    expect(classified({ ...slow, ...waiting, otherCpuPercent: 50 }).retryable).toBe(true);
    expect(classified({ ...slow, slices: slicesOf((slice) => 40 - slice) }).retryable).toBe(true);
    expect(classified({ ...waiting, otherCpuPercent: 50 })).toMatchObject({ verdict: "kept", retryable: false });
  });

  it("does not make a miss retryable if the processes of the trial share the cores or receivers queue", () => {
    expect(classified({ ...slow, workers: [{ ...idleProcess, cpuWaitPercent: 40 }] }).retryable).toBe(false);
    expect(
      classified({
        ...slow,
        observerVsReceivers: {
          observersP50Us: 1_000,
          receiversP50Us: 9_000,
          observersP95Us: 2_000,
          receiversP95Us: 18_000,
        },
      }).retryable,
    ).toBe(false);
  });

  it("finds too few samples at the percentile, unless even the largest latency is within the limit", () => {
    const one = new Float32Array(10).fill(1_000);
    one[9] = 300_000;
    expect(classified({ ...slow, largestUs: one })).toMatchObject({ verdict: "missed", tooFewSamples: true });
    expect(classified({ largestUs: new Float32Array(9).fill(1_000) })).toMatchObject({
      verdict: "kept",
      tooFewSamples: false,
    });
    expect(objectiveLatencyUs(buildRow(longer, testMeasurement({ ...slow, largestUs: one })), objective)).toBe(300_031);
  });

  it("needs no more samples after a loss, which misses the objective in any case", () => {
    const few = { ...slow, largestUs: new Float32Array(9).fill(300_000) };
    expect(classified(few)).toMatchObject({ verdict: "missed", tooFewSamples: true });
    expect(classified({ ...few, delivered: 99 })).toMatchObject({ verdict: "missed", tooFewSamples: false });
  });

  it("does not blame the generator for a send lag of less than a millisecond, whatever share of the latency it is", () => {
    const verdictWith = (latencyUs: number, lagUs: number) => {
      const measured = testMeasurement({
        latencyUs: recordedHistogram(latencyUs),
        serviceUs: recordedHistogram(latencyUs - lagUs),
        largestUs: new Float32Array(10).fill(latencyUs),
        sendLagUs: recordedHistogram(lagUs),
      });
      return classify(buildRow(longer, measured), parseObjective("p99=1ms")).verdict;
    };
    expect(verdictWith(1_500, 900)).toBe("missed");
    expect(verdictWith(2_000, 1_100)).toBe("generator");
  });
});

describe("probeSettings", () => {
  const at = (ratePerS: number): Settings => ({ ratePerS, seed: 7 }) as Settings;
  const coarse = { purpose: "coarse", step: 0, messages: 200, retries: 0 } as const;
  const decide = { ...coarse, purpose: "decide", messages: 1_000 } as const;
  const windowMs = (rate: number, probe: typeof coarse | typeof decide, limit = "p99=250ms", overrides = {}): number =>
    probeSettings(at(rate), probe, parseObjective(limit), overrides).durationMs;

  it("makes the window long enough for all messages, and for a small overload to exceed the limit", () => {
    expect(windowMs(10, decide)).toBe(100_000);
    expect(windowMs(30, decide)).toBe(33_334);
    expect(windowMs(10_000, decide)).toBe(10_000);
    expect(windowMs(10_000, decide, "p99=1ms")).toBe(5_000);
    expect(windowMs(10_000, decide, "p99=30s")).toBe(60_000);
    expect(windowMs(10_000, decide, "p99=250ms", { durationMs: 1_000 })).toBe(1_000);
  });

  it("makes the window of a coarse probe short", () => {
    expect([10, 40, 10_000].map((rate) => windowMs(rate, coarse))).toEqual([10_000, 5_000, 5_000]);
  });

  it("bounds the warm-up and gives it a pause, and keeps to a warm-up of the user's", () => {
    const warmup = (probe: typeof coarse | typeof decide, overrides = {}) =>
      probeSettings(at(100), probe, objective, overrides);
    expect(warmup(coarse)).toMatchObject({ seed: 7, warmupPauseMs: 500, warmupMs: 5_000, maxWarmupMs: 5_000 });
    expect(warmup(decide)).toMatchObject({ warmupPauseMs: 500, warmupMs: 6_000, maxWarmupMs: 10_000 });
    expect(warmup(decide, { warmupMs: 0 })).toMatchObject({ warmupMs: 0, maxWarmupMs: 0 });
  });
});
