import { describe, expect, it } from "vitest";
import { normalDraw, shareOf } from "../testing/draw.ts";
import { linearTrend } from "./linear-trend.ts";

/** Costs of 100, changed by these factors. */
const costs = (factors: readonly number[]) => factors.map((factor) => 100 * factor);
const step = (size: number, n = 20): number[] => Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 : 1 + size));

describe("a trend", () => {
  it("is the change over all slices, in shares of the mean", () => {
    const rising = Array.from({ length: 20 }, (_, i) => 0.9 + (0.2 * (i + 0.5)) / 20);
    expect(linearTrend(costs(rising))!.change).toBeCloseTo(0.2, 10);
    expect(linearTrend(costs(rising.toReversed()))!.change).toBeCloseTo(-0.2, 10);
    expect(linearTrend(costs(rising))!.p).toBeLessThan(1e-6);
  });

  it("has the p of a straight line, as R's lm gives it for Anscombe's first set", () => {
    const set = [4.26, 5.68, 7.24, 4.82, 6.95, 8.81, 8.04, 8.33, 10.84, 7.58, 9.96];
    const { change, p } = linearTrend(set, Array<number>(11).fill(10))!;
    expect(change).toBeCloseTo((0.50009 * 11) / 7.50091, 4);
    expect(p).toBeCloseTo(0.00217, 5);
  });

  it("beside a cause has the p of a plane, with a degree of freedom less for it", () => {
    const cause = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const costsOfSlices = [4.26, 5.68, 7.24, 4.82, 6.95, 8.81, 8.04, 8.33, 10.84, 7.58, 9.96];
    const { change, p } = linearTrend(costsOfSlices, cause)!;
    expect(change).toBeCloseTo(0.877933, 6);
    expect(p).toBeCloseTo(0.00067845, 8); // as by the normal equations and Student's t with 8 degrees of freedom
  });

  it("is none where nothing changes, and undefined with too few slices or without a cost", () => {
    expect(linearTrend(costs(Array<number>(8).fill(1)))).toEqual({ change: 0, p: 1 });
    expect(linearTrend(costs(Array<number>(7).fill(1)))).toBeUndefined();
    expect(linearTrend(costs(Array<number>(20).fill(0)))).toBeUndefined();
  });

  it("leaves out what the load explains", () => {
    const loads = Array.from({ length: 20 }, (_, i) => 10 + ((i * 7) % 5) + i / 4);
    const speeds = loads.map((_, i) => (i < 9 ? 1 : 1.5) + ((i * 3) % 4) / 50);
    const explained = loads.map((load, i) => 30 + 4 * load + 20 * speeds[i]!);
    expect(Math.abs(linearTrend(explained, loads, speeds)!.change)).toBeLessThan(1e-9);
    expect(Math.abs(linearTrend(explained, speeds, loads)!.change)).toBeLessThan(1e-9);
    expect(linearTrend(explained, loads)!.change).toBeGreaterThan(0.1);
    const drifting = explained.map((cost, i) => cost + i);
    const mean = drifting.reduce((sum, cost) => sum + cost, 0) / 20;
    expect(linearTrend(drifting, loads, speeds)!.change).toBeCloseTo(20 / mean, 10);
    const twice = linearTrend(drifting, loads, loads)!;
    expect(twice.p).toBeCloseTo(linearTrend(drifting, loads)!.p, 12);
  });

  it("that the load explains as well is undefined", () => {
    const growing = Array.from({ length: 20 }, (_, i) => 100 + i + (i % 3));
    expect(
      linearTrend(
        growing,
        growing.map((_, i) => 10 + i),
      ),
    ).toBeUndefined();
  });

  it("shows a step by a fifth in slices that scatter by 5 %", () => {
    const draw = normalDraw(7);
    const found = shareOf(200, () => {
      const noise = draw(20);
      return linearTrend(costs(step(-0.2).map((factor, i) => factor * (1 + 0.05 * noise[i]!))))!.p < 0.01;
    });
    expect(found).toBeGreaterThan(0.95);
  });

  it("is found by chance as often as p says", () => {
    const draw = normalDraw(3);
    const loads = draw(20).map((each) => 10 + each);
    const found = shareOf(2_000, () => {
      const noise = draw(20);
      return linearTrend(costs(loads.map((load, i) => load / 10 + 0.1 * noise[i]!)), loads)!.p < 0.05;
    });
    expect(Math.abs(found - 0.05)).toBeLessThan(0.015);
  });
});
