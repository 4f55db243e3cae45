import * as fc from "fast-check";
import { expect, it } from "vitest";
import { encodeHistogram, createHistogram, mergeHistograms, HistogramRecorder, type Histogram } from "./histogram.ts";
import { recordedHistogram } from "../testing/measurement.ts";

/** The readings that a row takes from a histogram. */
function readings(values: Histogram): unknown {
  const percentiles = [0, 1, 50, 90, 99, 99.9, 100].map((percent) => values.getValueAtPercentile(percent));
  return { count: values.totalCount, mean: values.mean, percentiles };
}

it("several merged histograms equal one histogram of all values", () => {
  const value = fc.oneof(fc.nat(5_000), fc.nat(60_000_000), fc.nat(4_000_000_000));
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 50 }), { maxLength: 5 }), (shares) => {
      const merged = mergeHistograms(shares.map((share) => encodeHistogram(recordedHistogram(...share))));
      expect(readings(merged)).toEqual(readings(recordedHistogram(...shares.flat())));
    }),
  );
});

it("values recorded in blocks give the same histogram, also when it is encoded in between", () => {
  const shares = fc.array(fc.array(fc.nat(4_000_000_000), { maxLength: 1_200, size: "max" }), { maxLength: 4 });
  fc.assert(
    fc.property(shares, (all) => {
      const recording = new HistogramRecorder();
      let encoded = recording.encode();
      for (const share of all) {
        for (const us of share) recording.record(us);
        encoded = recording.encode();
      }
      expect(readings(mergeHistograms([encoded]))).toEqual(readings(recordedHistogram(...all.flat())));
    }),
    { numRuns: 30 },
  );
});

it("a value is kept within a thousandth, also above 60 s", () => {
  for (const us of [1, 999, 1_234, 1_234_567, 60_000_001, 75_000_000, 3_600_000_000]) {
    const values = mergeHistograms([encodeHistogram(recordedHistogram(us))]);
    expect(Math.abs(values.getValueAtPercentile(50) - us)).toBeLessThanOrEqual(us / 1000);
    expect(values.getValueAtPercentile(100)).toBe(recordedHistogram(us).getValueAtPercentile(100));
  }
});

it("a value of 0 is counted", () => {
  const values = mergeHistograms([encodeHistogram(recordedHistogram(0, 0, 0, 8))]);
  expect(values.totalCount).toBe(4);
  expect(values.getValueAtPercentile(0)).toBe(0);
  expect(values.getValueAtPercentile(50)).toBe(0);
  expect(values.getValueAtPercentile(100)).toBe(8);
});

it("a merge of no histograms, or of empty ones, is empty", () => {
  expect(mergeHistograms([]).totalCount).toBe(0);
  expect(mergeHistograms([encodeHistogram(createHistogram()), encodeHistogram(createHistogram())]).totalCount).toBe(0);
});

it("a text that is no histogram cannot be merged", () => {
  expect(() => mergeHistograms(["bm90IG9uZQ=="])).toThrow(Error);
});
