import { expect, it } from "vitest";
import { recorded } from "../../testing/measurement.ts";
import { curves, endOf, pointsOf, stretch } from "./percentiles.ts";
import { caseOf, rowOf } from "../../testing/report-rows.ts";

it("cuts a curve where fewer than ten distinct messages lie beyond, however many deliveries there were", () => {
  const latency = recorded(...Array.from({ length: 10_000 }, (_, i) => 1_000 + i));
  const points = pointsOf(latency, endOf(200));
  expect(points.at(-1)![0]).toBe(stretch(95));
  expect(points.every(([x]) => x <= 20)).toBe(true);
  expect(pointsOf(latency, endOf(2_000)).at(-1)![0]).toBeCloseTo(stretch(99.5));
});

it("has each marked percentile as the histogram has it, in ms", () => {
  const latency = recorded(...Array.from({ length: 1_000 }, (_, i) => (i + 1) * 100));
  const at = new Map(pointsOf(latency, endOf(10_000)));
  for (const percent of [50, 90, 99, 99.9])
    expect(at.get(stretch(percent))).toBe(latency.getValueAtPercentile(percent) / 1000);
});

it("draws no curve of too few messages, and says of whom", () => {
  const page = curves(caseOf(rowOf("a", { sent: 10_000 }), rowOf("b", { sent: 19 })))!.markup;
  expect(page).toContain("Too few messages for a curve: b.");
  expect(page.match(/<svg\s+class="plot wide"/g)).toHaveLength(1);
  expect(curves(caseOf(rowOf("b", { sent: 19 })))!.markup).not.toContain('class="plot');
});

it("is not there where there are no latencies", () => {
  const { latency_histogram: _, ...row } = rowOf("a");
  expect(curves(caseOf(row))).toBeUndefined();
});
