import { dotProduct, leastSquares, nonNegativeLeastSquares, euclideanNorm, residual, type Vector } from "./nnls.ts";

/**
 * Kinds of work that cost a server. Where two of them cannot be separated, the earlier one in this list gets the cost.
 */
export const costTerms = {
  deliveries: { one: "a delivery", many: "deliveries/s" },
  polls: { one: "a poll", many: "polls/s" },
  sends: { one: "a send", many: "messages/s" },
  processes: { one: "a process", many: "processes" },
  payloadBytes: { one: "a payload byte", many: "payload bytes/s" },
  clients: { one: "a client", many: "clients" },
} as const satisfies Record<string, { one: string; many: string }>;

/** One kind of work. */
export type CostTerm = keyof typeof costTerms;

/** Every kind of work, in that order. */
export const costTermNames = Object.keys(costTerms) as CostTerm[];

/** Amount of each kind of work: the number of clients and processes; the others per second. */
export type WorkPerS = Record<CostTerm, number>;

/** Fitted cost of one unit of each kind of work, never below 0. */
export interface FittedCosts {
  costs: Partial<Record<CostTerm, number>>;
  /** Terms that did not vary independently in the rows, and the terms whose costs contain theirs. */
  merged: { term: CostTerm; into: CostTerm[] }[];
}

/**
 * Share of a term's size that must vary independently of the other terms. Below it, the fit amplifies noise tenfold and
 * more.
 */
const independentShare = 0.1;

/**
 * Fits the cost of each term to rows of work. It minimises the squares of (fitted - measured) / scale with no cost
 * below 0. A term that no row has, or that does not vary independently, has no cost.
 */
export function fitCosts(works: readonly WorkPerS[], measured: Vector, scales: Vector): FittedCosts {
  const columnOf = (term: CostTerm): number[] => works.map((work, i) => work[term] / (scales[i]! || 1));
  const independent: CostTerm[] = [];
  const merged: FittedCosts["merged"] = [];
  for (const term of costTermNames) {
    const column = columnOf(term);
    if (euclideanNorm(column) === 0) continue;
    const others = independent.map(columnOf);
    const factors = leastSquares(others, column);
    if (euclideanNorm(residual(others, factors, column)) >= independentShare * euclideanNorm(column))
      independent.push(term);
    else
      merged.push({
        term,
        into: independent.filter(
          (_, j) => Math.abs(factors[j]!) * euclideanNorm(others[j]!) > 0.1 * euclideanNorm(column),
        ),
      });
  }
  const target = measured.map((value, i) => value / (scales[i]! || 1));
  const fitted = nonNegativeLeastSquares(independent.map(columnOf), target);
  return { costs: Object.fromEntries(independent.map((term, j) => [term, fitted[j]!])), merged };
}

/** Total cost of an amount of work. */
export function costOf({ costs }: FittedCosts, work: WorkPerS): number {
  return dotProduct(
    costTermNames.map((term) => costs[term] ?? 0),
    costTermNames.map((term) => work[term]),
  );
}
