import { array, assert, double, pre, property, tuple } from "fast-check";
import { expect, it } from "vitest";
import { dotProduct, leastSquares, nonNegativeLeastSquares, euclideanNorm, residual } from "./nnls.ts";

const value = double({ min: -10, max: 10, noNaN: true });
const rows = 6;
const vector = array(value, { minLength: rows, maxLength: rows });
const problem = tuple(array(vector, { minLength: 1, maxLength: 4 }), vector);

/** Every subset of the columns solved without a bound: the best of those without a number below 0. */
function bruteForce(columns: readonly number[][], target: readonly number[]): number {
  let best = euclideanNorm(target);
  for (let subset = 1; subset < 2 ** columns.length; subset++) {
    const chosen = columns.filter((_, j) => subset & (2 ** j));
    const times = leastSquares(chosen, target);
    if (times.every((each) => each >= 0)) best = Math.min(best, euclideanNorm(residual(chosen, times, target)));
  }
  return best;
}

/** Columns that depend on each other are solved in one of many ways, of which brute force may find none. */
const independent = (columns: readonly number[][]): boolean =>
  columns.every((column, j) => {
    const others = columns.slice(0, j);
    const rest = euclideanNorm(residual(others, leastSquares(others, column), column));
    return euclideanNorm(column) > 1e-3 && rest > 1e-3 * euclideanNorm(column);
  });

it("is as short as the best of all subsets of columns", () => {
  assert(
    property(problem, ([columns, target]) => {
      pre(independent(columns) && euclideanNorm(target) > 1e-3);
      const times = nonNegativeLeastSquares(columns, target);
      expect(euclideanNorm(residual(columns, times, target))).toBeCloseTo(bruteForce(columns, target), 6);
    }),
  );
});

it("meets the Karush-Kuhn-Tucker conditions: nothing below 0, no pull upwards, and none at all where it is above 0", () => {
  assert(
    property(problem, ([columns, target]) => {
      pre(independent(columns) && euclideanNorm(target) > 1e-3);
      const times = nonNegativeLeastSquares(columns, target);
      const rest = residual(columns, times, target);
      for (const [j, column] of columns.entries()) {
        const pull = dotProduct(column, rest) / (euclideanNorm(column) * euclideanNorm(target));
        expect(times[j]).toBeGreaterThanOrEqual(0);
        expect(pull).toBeLessThan(1e-7);
        expect(times[j]! > 0 ? Math.abs(pull) : 0).toBeLessThan(1e-7);
      }
    }),
  );
});

it("finds numbers above 0 that made the target", () => {
  const positive = array(double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
  assert(
    property(array(vector, { minLength: 3, maxLength: 3 }), positive, (columns, truth) => {
      pre(independent(columns));
      const target = residual(
        columns,
        truth.map((each) => -each),
        Array(rows).fill(0),
      );
      pre(euclideanNorm(target) > 1e-3);
      const times = nonNegativeLeastSquares(columns, target);
      expect(euclideanNorm(residual(columns, times, target))).toBeLessThan(1e-6 * euclideanNorm(target));
    }),
  );
});

it("gives nothing to a column that is there twice, is empty, or points away", () => {
  expect(
    nonNegativeLeastSquares(
      [
        [1, 2],
        [2, 4],
      ],
      [3, 6],
    ).filter((times) => times > 0),
  ).toHaveLength(1);
  expect(
    nonNegativeLeastSquares(
      [
        [0, 0],
        [1, 0],
      ],
      [2, 0],
    ),
  ).toEqual([0, 2]);
  expect(nonNegativeLeastSquares([[-1, -1]], [1, 1])).toEqual([0]);
  expect(nonNegativeLeastSquares([[1, 1]], [0, 0])).toEqual([0]);
  expect(nonNegativeLeastSquares([], [1, 1])).toEqual([]);
});
