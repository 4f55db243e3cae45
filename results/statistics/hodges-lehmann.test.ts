import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import wilcox from "./fixtures/wilcox.json" with { type: "json" };
import { hodgesLehmann } from "./hodges-lehmann.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { normalDraw, shareOf, skewedDraw } from "../testing/draw.ts";

/** A result of R for x - y; `between` where every number of a range is a correct result. */
interface RResult {
  value: number;
  between?: number[];
}

function expectResult(ours: number, { value, between }: RResult): void {
  const [from, to] = between ?? [value, value];
  const rounding = 1e-6 * Math.max(1e-3, Math.abs(value));
  expect(ours).toBeGreaterThan(from! - rounding);
  expect(ours).toBeLessThan(to! + rounding);
}

const someValues = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 });

describe("a shift and its interval", () => {
  // R's x - y is our after - before.
  it.each(wilcox.cases)("are those of R: $name", ({ x: after, y: before, ...r }) => {
    const { shift, low, high, coverage } = hodgesLehmann(before, after)!;
    expectResult(shift, r.estimate);
    expectResult(low, r.low);
    expectResult(high, r.high);
    const widest = low === Math.min(...after) - Math.max(...before);
    expect(r.exact ? Math.abs(coverage - r.coverage!) < 1e-10 : coverage >= 0.95 || widest).toBe(true);
  });

  it("change their sign when the sides are swapped", () => {
    fc.assert(
      fc.property(someValues, someValues, (before, after) => {
        const { shift, low, high, coverage } = hodgesLehmann(before, after)!;
        expect(low).toBeLessThanOrEqual(shift);
        expect(high).toBeGreaterThanOrEqual(shift);
        const back = hodgesLehmann(after, before)!;
        expect(back).toEqual({ shift: 0 - shift, low: 0 - high, high: 0 - low, coverage });
      }),
    );
  });

  it("move with a number that is added to a side", () => {
    fc.assert(
      fc.property(someValues, someValues, fc.integer({ min: -100, max: 100 }), (before, after, more) => {
        // The sides are far apart, so that no value of one is tied with a value of the other.
        const far = after.map((value) => value + 1_000);
        const { shift, low, high, coverage } = hodgesLehmann(before, far)!;
        const moved = far.map((value) => value + more);
        const expected = { shift: shift + more, low: low + more, high: high + more, coverage };
        expect(hodgesLehmann(before, moved)).toEqual(expected);
      }),
    );
  });
});

describe("the interval", () => {
  it.each([0.8, 0.95, 0.99])("excludes 0 exactly where p is below alpha, with a confidence of %d", (confidence) => {
    const draw = normalDraw(1);
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 12 }),
        fc.integer({ min: 6, max: 12 }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (n, m, by) => {
          const [before, after] = [draw(n), draw(m).map((value) => value + by)];
          const { low, high } = hodgesLehmann(before, after, confidence)!;
          expect(low > 0 || high < 0).toBe(mannWhitney(before, after) < 1 - confidence);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is as wide as in R where a share equals the wanted one exactly", () => {
    // R: wilcox.test(x, y, conf.int = TRUE, conf.level = 0.975): the 3rd difference, because 7 of 560 orders are
    // 0.0125, exactly.
    const squares = Array.from({ length: 13 }, (_, i) => (i + 1) ** 2 / 7);
    const { low, coverage } = hodgesLehmann(squares, [1, 2, 3], 0.975)!;
    expect(low).toBeCloseTo(3 - 169 / 7, 10);
    expect(coverage).toBeCloseTo(1 - 8 / 560, 10);
  });

  it("covers the true shift as often as its coverage, exact or approximate", () => {
    for (const [n, m] of [
      [6, 6],
      [10, 7],
      [50, 20],
    ] as const) {
      const draw = skewedDraw(n);
      let stated = 0;
      const covered = shareOf(1_000, () => {
        const { low, high, coverage } = hodgesLehmann(
          draw(n),
          draw(m).map((value) => value + 3),
        )!;
        stated = coverage;
        return low <= 3 && 3 <= high;
      });
      expect(stated).toBeGreaterThanOrEqual(0.95);
      expect(Math.abs(covered - stated)).toBeLessThan(0.02);
    }
  });

  it("of too few values is the widest possible, with its lower coverage", () => {
    const ofThree = hodgesLehmann([1, 2, 4], [10, 20, 40])!;
    expect(ofThree).toMatchObject({ shift: 18, low: 6, high: 39 });
    expect(ofThree.coverage).toBeCloseTo(0.9, 12);
    // R: 1 - 2 * pnorm(-4 / sqrt(9 / 12 * (7 - 6 / 30)))
    const withTies = hodgesLehmann([1, 1, 4], [10, 20, 40])!;
    expect(withTies).toMatchObject({ shift: 19, low: 6, high: 39 });
    expect(withTies.coverage).toBeCloseTo(0.92348, 5);
    expect(hodgesLehmann([1], [4])).toEqual({ shift: 3, low: 3, high: 3, coverage: 0 });
    expect(hodgesLehmann([5, 5, 5], [5, 5, 5])).toMatchObject({ shift: 0, low: 0, high: 0 });
  });

  it("exists for 100,000 values a side, whose differences would not fit into memory", () => {
    const before = Array.from({ length: 100_000 }, (_, i) => i);
    const after = before.map((value) => value + 3.5);
    const { shift, low, high } = hodgesLehmann(before, after)!;
    expect(shift).toBe(3.5);
    // Of uniform values U resolves as much as the mean: 1.96 of its standard errors.
    const half = (1.96 * 100_000 * Math.sqrt(2 / 100_000)) / Math.sqrt(12);
    expect((high - 3.5) / half).toBeCloseTo(1, 2);
    expect((3.5 - low) / half).toBeCloseTo(1, 2);
  });

  it("does not exist for an empty side", () => {
    expect(hodgesLehmann([], [1])).toBeUndefined();
    expect(hodgesLehmann([1], [])).toBeUndefined();
  });
});
