import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../lib/random.ts";
import { fitClock, offsetAt, type ClockSample } from "./clock-fit.ts";
import { errorBetween, errorOfWindow, relate, sameClock } from "./clock-relation.ts";

/** A pair of clocks and a network between them. */
interface World {
  offsetUs?: number;
  ppm?: number;
  seconds?: number;
  /** Microseconds that a question and an answer take, each by its own. Default: 40 and up to 60 more, either way. */
  delays?: (random: () => number, atUs: number) => [toUs: number, backUs: number];
  /** The reference is set by so much at this time. */
  step?: { atUs: number; byUs: number };
  seed?: number;
}

const startUs = 5e9;
const usualDelays = (random: () => number): [number, number] => [40 + 60 * random(), 40 + 60 * random()];

/** Reference time at an own time. */
function referenceAt({ offsetUs = 1.7e15, ppm = 0, step }: World, ownUs: number): number {
  return ownUs + offsetUs + (ppm * (ownUs - startUs)) / 1e6 + (step && ownUs >= step.atUs ? step.byUs : 0);
}

/** Four samples a second. The reference shows whole microseconds, as Redis does. */
function observe(world: World): ClockSample[] {
  const { seconds = 12, delays = usualDelays, seed = 1 } = world;
  const random = seededRandom(seed);
  return Array.from({ length: 4 * seconds + 1 }, (_, i) => {
    const beforeUs = startUs + 250_000 * i;
    const [toUs, backUs] = delays(random, beforeUs);
    return {
      beforeUs,
      referenceUs: Math.floor(referenceAt(world, beforeUs + toUs)),
      afterUs: beforeUs + toUs + backUs,
    };
  });
}

/** Most by which the fitted line is wrong between the first and the last sample. */
function mistakeOf(world: World): { mistakeUs: number; errorUs: number; ppm: number } {
  const samples = observe(world);
  const fit = fitClock(samples);
  if (fit.state !== "fitted") throw new Error(`${fit.state} instead of fitted`);
  const times = [samples[0]!.beforeUs, samples.at(-1)!.afterUs];
  const mistakes = times.map((atUs) => Math.abs(atUs + offsetAt(fit, atUs) - referenceAt(world, atUs)));
  return { mistakeUs: Math.max(...mistakes), errorUs: fit.errorUs, ppm: fit.ppm };
}

describe("a fit of two clocks", () => {
  it("is wrong by no more than it says, whatever the offset, the drift and the delays of either way", () =>
    fc.assert(
      fc.property(
        fc.record({
          offsetUs: fc.integer({ min: -2e15, max: 2e15 }),
          ppm: fc.double({ min: -400, max: 400, noNaN: true }),
          seed: fc.nat(),
          to: fc.nat(2_000),
          back: fc.nat(2_000),
          spread: fc.nat(5_000),
        }),
        ({ to, back, spread, ...world }) => {
          const delays = (random: () => number): [number, number] => [to + spread * random(), back + spread * random()];
          const { mistakeUs, errorUs } = mistakeOf({ ...world, delays });
          expect(mistakeUs).toBeLessThanOrEqual(errorUs + 2); // the reference shows whole microseconds
        },
      ),
    ));

  it("is made where only the delays turn it beyond 500 ppm", () => {
    const delays = (random: () => number): [number, number] => [5 + 4952 * random(), 4952 * random()];
    const { mistakeUs, errorUs, ppm } = mistakeOf({ offsetUs: 0, ppm: -390, seed: 1595980324, delays });
    expect(ppm).toBeLessThan(-500);
    expect(mistakeUs).toBeLessThanOrEqual(errorUs + 2);
  });

  it("finds offset and drift closely where both ways take about the same time", () => {
    const { mistakeUs, errorUs, ppm } = mistakeOf({ ppm: 37 });
    expect(mistakeUs).toBeLessThan(20);
    expect(errorUs).toBeLessThan(120);
    expect(Math.abs(ppm - 37)).toBeLessThan(3);
  });

  it("is as uncertain as half of a round trip of which all is on one way", () => {
    const { mistakeUs, errorUs } = mistakeOf({ delays: () => [3_000, 0] });
    expect(mistakeUs).toBeGreaterThan(1_490);
    expect(errorUs).toBeGreaterThanOrEqual(1_500);
    expect(errorUs).toBeLessThan(1_700);
  });

  it("is no worse for slow samples, as long as one in a second is quick", () => {
    let sample = 0;
    const delays = (random: () => number): [number, number] => (sample++ % 4 === 2 ? usualDelays(random) : [20_000, 0]);
    expect(mistakeOf({ delays, ppm: -20 }).errorUs).toBeLessThan(150);
  });

  it("is as uncertain as its quickest round trip and its worst sample, also where this one is in the middle", () => {
    const delays = (_random: () => number, atUs: number): [number, number] =>
      Math.floor((atUs - startUs) / 1e6) === 6 ? [90, 10] : [50, 50];
    const { errorUs } = mistakeOf({ delays });
    expect(errorUs).toBeGreaterThan(50 + 30);
    expect(errorUs).toBeLessThan(50 + 45);
  });

  it("is wrong by no more than it says where delays grow all the time, on one way", () => {
    const delays = (_random: () => number, atUs: number): [number, number] => [50 + (atUs - startUs) / 1e4, 50];
    const { mistakeUs, errorUs } = mistakeOf({ delays });
    expect(mistakeUs).toBeGreaterThan(500);
    expect(mistakeUs).toBeLessThanOrEqual(errorUs + 2);
  });
});

describe("no line is fitted", () => {
  it("through samples of less than 10 s", () => {
    expect(fitClock([])).toEqual({ state: "too short", spanUs: 0 });
    expect(fitClock(observe({ seconds: 9 })).state).toBe("too short");
    expect(fitClock(observe({ seconds: 3 }), 2e6).state).toBe("fitted");
  });

  it("where a clock was set, and the result says when and by how much", () => {
    for (const byUs of [5_000, -2_000_000]) {
      const step = { atUs: startUs + 6e6, byUs };
      const result = fitClock(observe({ step }));
      if (result.state !== "stepped") throw new Error(result.state);
      expect(Math.abs(result.byUs - byUs)).toBeLessThan(200);
      expect(Math.abs(result.atUs - step.atUs)).toBeLessThan(1e6);
    }
  });

  it("where the clocks differ by more than 500 ppm", () => {
    const result = fitClock(observe({ ppm: 520 }));
    expect(result.state).toBe("unsteady");
    expect(fitClock(observe({ ppm: 480 })).state).toBe("fitted");
    expect(fitClock(observe({ ppm: 5_000 })).state).not.toBe("fitted");
  });
});

describe("the relation of two hosts that read the same clock", () => {
  const fitOf = (world: World) => {
    const fit = fitClock(observe(world));
    if (fit.state !== "fitted") throw new Error(fit.state);
    return fit;
  };

  it("is their true difference to within the sum of their errors", () => {
    const [host, bench] = [
      { offsetUs: 1.7e15 - 12_345e6, ppm: 30, seed: 3 },
      { offsetUs: 1.7e15, ppm: -12, seed: 4 },
    ] as const;
    const relation = relate(fitOf(host), fitOf(bench));
    for (const hostUs of [startUs + 1e6, startUs + 11e6]) {
      const referenceUs = referenceAt(host, hostUs);
      const benchUs = (referenceUs - 1.7e15 + (bench.ppm * startUs) / 1e6) / (1 + bench.ppm / 1e6);
      // A host whose clock shows 12,345 s more than the bench's: the bench may be outside of its own samples.
      expect(Math.abs(referenceAt(bench, benchUs) - referenceUs)).toBeLessThan(2);
      const reachUs = (Math.abs(benchUs - startUs) / 1e6) * 5;
      expect(Math.abs(hostUs + offsetAt(relation, hostUs) - benchUs)).toBeLessThan(relation.errorUs + reachUs);
    }
    expect(Math.abs(relation.ppm - 42)).toBeLessThan(6);
  });

  it("is no difference for a host and itself", () => {
    const fit = fitOf({ ppm: 5 });
    expect(Math.abs(relate(fit, fit).offsetUs)).toBeLessThan(0.5);
    expect(relate(fit, fit).ppm).toBeCloseTo(0);
  });

  const window = { t0Us: 0, t1Us: 10e6 };
  const bench = { used: sameClock, found: sameClock, ...window };
  const found = { ...sameClock, errorUs: 70, ownErrorUs: 50 };

  it("has the error of a window from the two worst hosts, and from what was used and found at its edges", () => {
    const used = { ...sameClock, offsetUs: 10, ppm: 2 };
    expect(errorOfWindow([bench])).toBe(0);
    expect(errorOfWindow([{ used: sameClock, found, ...window }])).toBe(0);
    expect(errorOfWindow([bench, { used: sameClock, found, ...window }])).toBe(50);
    const [one, other] = [
      { used, found, ...window },
      { used: found, found, ...window },
    ];
    expect(errorOfWindow([one, other, bench])).toBe(30 + 50 + 50);
  });

  it("is not worse where all hosts changed by the same, since the bench alone did", () => {
    const used = { ...sameClock, offsetUs: 1_000 };
    const host = { used, found, ...window };
    expect(errorOfWindow([host, host])).toBe(100);
  });

  it("is known less and less well after it was measured", () => {
    const measured = { ...found, spanUs: 10e6 };
    expect(errorBetween([measured, sameClock], 0)).toBe(50);
    expect(errorBetween([measured, measured, sameClock], 0)).toBe(100);
    expect(errorBetween([measured, measured], 20e6)).toBe(500);
    expect(errorBetween([measured], 20e6)).toBe(0);
  });
});
