import { expect, it } from "vitest";
import type { ClockSample } from "./clock-fit.ts";
import { keepQuickest } from "./clock-sampler.ts";

const sample = (atS: number, rttUs: number): ClockSample => ({
  beforeUs: atS * 1e6,
  referenceUs: atS * 1e6,
  afterUs: atS * 1e6 + rttUs,
});

it("of each second the quickest sample is kept, and of all the last ones", () => {
  const samples: ClockSample[] = [];
  const taken = [sample(0.1, 90), sample(0.35, 40), sample(0.6, 70), sample(1.1, 80), sample(2.2, 60)];
  for (const each of taken) keepQuickest(samples, each, 2);
  expect(samples).toEqual([sample(1.1, 80), sample(2.2, 60)]);
  for (const each of taken.slice(0, 4)) keepQuickest(samples, each, 4);
  expect(samples.slice(2)).toEqual([sample(0.35, 40), sample(1.1, 80)]);
});
