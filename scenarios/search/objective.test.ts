import { describe, expect, it } from "vitest";
import {
  idleProcess,
  testKeys,
  testMeasurement,
  recordedHistogram,
  type TestChanges,
} from "../../results/testing/measurement.ts";
import { failedRow, buildRow } from "../../results/rows/row.ts";
import { UserError } from "../lib/errors.ts";
import type { Settings } from "../definitions/settings.ts";
import { floorMs, objectiveLatencyUs, messagesFor, parseObjective, classify } from "./objective.ts";
import { probeSettings } from "./probe-settings.ts";

const wanted = parseObjective("p99=250ms");
const longer = { ...testKeys, duration_s: 10, offered_per_s: 1 };
const seen = (changes: TestChanges) => classify(buildRow(longer, testMeasurement(changes)), wanted);
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
  expect(floorMs(wanted, 1_000)).toBe(990);
});

it.each(["p98=1s", "p99", "p99=", "=1s", "250ms", "constructor=1s", "p99=250", "p99=0ms"])("refuses %s", (text) => {
  expect(() => parseObjective(text)).toThrow(UserError);
});

describe("takes from a row", () => {
  it("that the objective was kept, or missed by its latency or by a loss", () => {
    expect(seen({})).toEqual({ verdict: "kept", tooFewSamples: false, retryable: false });
    expect(seen(slow)).toEqual({ verdict: "missed", tooFewSamples: false, retryable: false });
    expect(seen({ delivered: 99 })).toEqual({ verdict: "missed", tooFewSamples: false, retryable: false });
    expect(classify(buildRow(longer, testMeasurement(slow)), parseObjective("p99=301ms")).verdict).toBe("kept");
  });

  it("that the trial broke, or that its numbers are wrong", () => {
    expect(classify(failedRow(testKeys, "client 1 lost its link"), wanted)).toEqual({
      verdict: "broken",
      tooFewSamples: false,
      retryable: false,
    });
    expect(seen({ early: 1 }).verdict).toBe("broken");
  });

  it("that a miss was the generator's: full, short of messages, or as late as it takes to miss", () => {
    expect(seen({ ...slow, workers: [{ ...idleProcess, cpuPercent: 95 }] }).verdict).toBe("generator");
    expect(seen({ sent: 9, expected: 90, delivered: 90 }).verdict).toBe("generator");
    expect(seen({ ...slow, sendLagUs: recordedHistogram(60_000) }).verdict).toBe("generator");
    expect(seen({ ...slow, sendLagUs: recordedHistogram(40_000) }).verdict).toBe("missed");
  });

  it("that a full worker is no reason to doubt what was kept", () => {
    expect(seen({ workers: [{ ...idleProcess, cpuPercent: 95 }] }).verdict).toBe("kept");
  });

  it("that a miss may pass where somebody else had the CPU or the server was still warming", () => {
    const waiting = { workers: [{ ...idleProcess, cpuWaitPercent: 20 }] };
    expect(seen({ ...slow, ...waiting, otherCpuPercent: 50 }).retryable).toBe(true);
    expect(seen({ ...slow, halvesCpuUs: [20, 10] }).retryable).toBe(true);
    expect(seen({ ...waiting, otherCpuPercent: 50 })).toMatchObject({ verdict: "kept", retryable: false });
  });

  it("that it will not where our own processes share the cores, or the crowd is behind", () => {
    expect(seen({ ...slow, workers: [{ ...idleProcess, cpuWaitPercent: 20 }] }).retryable).toBe(false);
    expect(seen({ ...slow, observerVsReceivers: { observersP50Us: 1_000, receiversP50Us: 9_000 } }).retryable).toBe(
      false,
    );
  });

  it("that it is thin where too few messages reached the percentile, unless even the largest latency is below the limit", () => {
    const one = new Float32Array(10).fill(1_000);
    one[9] = 300_000;
    expect(seen({ ...slow, largestUs: one })).toMatchObject({ verdict: "missed", tooFewSamples: true });
    expect(seen({ largestUs: new Float32Array(9).fill(1_000) })).toMatchObject({
      verdict: "kept",
      tooFewSamples: false,
    });
    expect(objectiveLatencyUs(buildRow(longer, testMeasurement({ ...slow, largestUs: one })), wanted)).toBe(300_031);
  });
});

describe("gives a probe", () => {
  const at = (ratePerS: number): Settings => ({ ratePerS, seed: 7 }) as Settings;
  const scout = { purpose: "coarse", step: 0, messages: 200, isRetry: 0 } as const;
  const decide = { ...scout, purpose: "decide", messages: 1_000 } as const;
  const windowMs = (rate: number, probe: typeof scout | typeof decide, limit = "p99=250ms", given = {}): number =>
    probeSettings(at(rate), probe, parseObjective(limit), given).durationMs;

  it("a window for all its messages, long enough for a small overload to pass the limit", () => {
    expect(windowMs(10, decide)).toBe(100_000);
    expect(windowMs(30, decide)).toBe(33_334);
    expect(windowMs(10_000, decide)).toBe(10_000);
    expect(windowMs(10_000, decide, "p99=1ms")).toBe(5_000);
    expect(windowMs(10_000, decide, "p99=30s")).toBe(60_000);
    expect(windowMs(10_000, decide, "p99=250ms", { durationMs: 1_000 })).toBe(1_000);
  });

  it("a short one where it only scouts", () => {
    expect([10, 40, 10_000].map((rate) => windowMs(rate, scout))).toEqual([10_000, 5_000, 5_000]);
  });

  it("a bounded warm-up with a hiccup, unless one is given", () => {
    const warmup = (probe: typeof scout | typeof decide, given = {}) => probeSettings(at(100), probe, wanted, given);
    expect(warmup(scout)).toMatchObject({ seed: 7, warmupPauseMs: 500, warmupMs: 5_000, maxWarmupMs: 5_000 });
    expect(warmup(decide)).toMatchObject({ warmupPauseMs: 500, warmupMs: 6_000, maxWarmupMs: 10_000 });
    expect(warmup(decide, { warmupMs: 0 })).toMatchObject({ warmupMs: 0, maxWarmupMs: 0 });
  });
});
