import { expect, it } from "vitest";
import { nowMs } from "../../../scenarios/lib/clock.ts";
import { errorOf, middleOf, offsetBounds, PageClock, type ClockProbe } from "./page-clock.ts";

/** A probe of a page whose clock is `offsetUs` behind: it is asked `toUs` after the first reading, and the answer takes `backUs`. */
const probe = (atUs: number, offsetUs: number, toUs: number, backUs: number): ClockProbe => ({
  beforeUs: atUs,
  pageUs: atUs + toUs - offsetUs,
  afterUs: atUs + toUs + backUs,
});

it("the fastest way to the page and the fastest way back bound the offset, from different probes", () => {
  const bounds = offsetBounds([probe(0, 5_000, 40, 900), probe(1e6, 5_000, 700, 60)], 0);
  expect(bounds).toEqual({ leastUs: 4_960, mostUs: 5_060 });
  expect(middleOf(bounds)).toBe(5_010);
  expect(errorOf(middleOf(bounds), bounds)).toBe(50);
});

it("a clock that shows multiples of a step may be ahead by that step", () => {
  expect(offsetBounds([probe(0, 0, 10, 10)], 100)).toEqual({ leastUs: -110, mostUs: 10 });
});

it("an offset from before is wrong by the distance to the farther bound", () => {
  expect(errorOf(0, { leastUs: 20, mostUs: 50 })).toBe(50);
  expect(errorOf(100, { leastUs: 20, mostUs: 50 })).toBe(80);
});

it("probes that contradict each other leave bounds that hold them all", () => {
  expect(offsetBounds([probe(0, 0, 10, 10), probe(1e6, 9_000, 10, 10)], 0)).toEqual({ leastUs: -10, mostUs: 9_010 });
});

it("the offset stays once a time was converted, and a later comparison says how wrong that may have been", async () => {
  let aheadMs = -5_000;
  const clock = new PageClock(() => Promise.resolve(nowMs() + aheadMs), 0);
  await clock.compare();
  const before = clock.errorUs;
  expect(Math.abs(clock.timeOf(1_000) - 6e6)).toBeLessThanOrEqual(before + 0.01);
  aheadMs += 10;
  await clock.compare();
  expect(clock.errorUs).toBeGreaterThanOrEqual(10_000);
  expect(Math.abs(clock.timeOf(1_000) - 6e6)).toBeLessThanOrEqual(before + 0.01);
});
