import { expect, it } from "vitest";
import { recordedHistogram } from "../../testing/measurement.ts";
import { latencySection, lastTrustedPercentile, percentilePoints, percentileScale } from "./latency.ts";
import { loadGroupOf, rowOf } from "../../testing/report-rows.ts";

it("ends a curve where fewer than ten different messages lie beyond, however many deliveries there were", () => {
  const latency = recordedHistogram(...Array.from({ length: 10_000 }, (_, i) => 1_000 + i));
  const points = percentilePoints(latency, lastTrustedPercentile(200));
  expect(points.at(-1)![0]).toBe(percentileScale(95));
  expect(points.every(([x]) => x <= 20)).toBe(true);
  expect(percentilePoints(latency, lastTrustedPercentile(2_000)).at(-1)![0]).toBeCloseTo(percentileScale(99.5));
});

it("contains each marked percentile of the histogram, in ms", () => {
  const latency = recordedHistogram(...Array.from({ length: 1_000 }, (_, i) => (i + 1) * 100));
  const at = new Map(percentilePoints(latency, lastTrustedPercentile(10_000)));
  for (const percent of [50, 90, 99, 99.9])
    expect(at.get(percentileScale(percent))).toBe(latency.getValueAtPercentile(percent) / 1000);
});

it("draws no curve of fewer than 20 messages, and names the transport", () => {
  const page = latencySection(loadGroupOf(rowOf("a", { sent: 10_000 }), rowOf("b", { sent: 19 })))!.markup;
  expect(page).toContain("Too few messages for a curve: b.");
  expect(page.match(/<svg\s+class="plot wide"/g)).toHaveLength(1);
  expect(latencySection(loadGroupOf(rowOf("b", { sent: 19 })))!.markup).not.toContain('class="plot');
});

it("is absent where there are no latencies", () => {
  const { latency_histogram: _, ...row } = rowOf("a");
  expect(latencySection(loadGroupOf(row))).toBeUndefined();
});
