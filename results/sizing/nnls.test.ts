import { array, assert, double, pre, property, tuple } from "fast-check";
import { expect, it } from "vitest";
import { dotProduct, leastSquares, nonNegativeLeastSquares, euclideanNorm, residual } from "./nnls.ts";

const value = double({ min: -10, max: 10, noNaN: true });
const rows = 6;
const vector = array(value, { minLength: rows, maxLength: rows });
const problem = tuple(array(vector, { minLength: 1, maxLength: 4 }), vector);

/** Shortest residual over all subsets of the columns, solved without a bound, that have no factor below 0. */
function bruteForce(columns: readonly number[][], target: readonly number[]): number {
  let best = euclideanNorm(target);
  for (let subset = 1; subset < 2 ** columns.length; subset++) {
    const chosen = columns.filter((_, j) => subset & (2 ** j));
    const factors = leastSquares(chosen, target);
    if (factors.every((each) => each >= 0)) best = Math.min(best, euclideanNorm(residual(chosen, factors, target)));
  }
  return best;
}

/** Dependent columns have many solutions, and brute force may find none of them. */
const independent = (columns: readonly number[][]): boolean =>
  columns.every((column, j) => {
    const others = columns.slice(0, j);
    const rest = euclideanNorm(residual(others, leastSquares(others, column), column));
    return euclideanNorm(column) > 1e-3 && rest > 1e-3 * euclideanNorm(column);
  });

it("leaves a residual as short as that of the best subset of columns", () => {
  assert(
    property(problem, ([columns, target]) => {
      pre(independent(columns) && euclideanNorm(target) > 1e-3);
      const factors = nonNegativeLeastSquares(columns, target);
      expect(euclideanNorm(residual(columns, factors, target))).toBeCloseTo(bruteForce(columns, target), 6);
    }),
  );
});

it("meets the Karush-Kuhn-Tucker conditions: no factor below 0, no positive gradient, and gradient 0 where a factor is above 0", () => {
  assert(
    property(problem, ([columns, target]) => {
      pre(independent(columns) && euclideanNorm(target) > 1e-3);
      const factors = nonNegativeLeastSquares(columns, target);
      const rest = residual(columns, factors, target);
      for (const [j, column] of columns.entries()) {
        const gradient = dotProduct(column, rest) / (euclideanNorm(column) * euclideanNorm(target));
        expect(factors[j]).toBeGreaterThanOrEqual(0);
        expect(gradient).toBeLessThan(1e-7);
        expect(factors[j]! > 0 ? Math.abs(gradient) : 0).toBeLessThan(1e-7);
      }
    }),
  );
});

it("recovers the positive factors that the target was made with", () => {
  const positive = array(double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
  assert(
    property(array(vector, { minLength: 3, maxLength: 3 }), positive, (columns, trueFactors) => {
      pre(independent(columns));
      const target = residual(
        columns,
        trueFactors.map((each) => -each),
        Array(rows).fill(0),
      );
      pre(euclideanNorm(target) > 1e-3);
      const factors = nonNegativeLeastSquares(columns, target);
      expect(euclideanNorm(residual(columns, factors, target))).toBeLessThan(1e-6 * euclideanNorm(target));
    }),
  );
});

it("gives the factor 0 to a duplicate column, a column of zeros and a column that points away from the target", () => {
  expect(
    nonNegativeLeastSquares(
      [
        [1, 2],
        [2, 4],
      ],
      [3, 6],
    ).filter((factors) => factors > 0),
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
