import { dotProduct, leastSquares, nonNegativeLeastSquares, euclideanNorm, residual, type Vector } from "./nnls.ts";

/** What a server has to do, in the order in which a term is kept where two of them cannot be told apart. */
export const costTerms = {
  deliveries: { one: "a delivery", many: "deliveries/s" },
  exchanges: { one: "an exchange", many: "exchanges/s" },
  sends: { one: "a send", many: "messages/s" },
  processes: { one: "a process", many: "processes" },
  payloadBytes: { one: "a byte of messages", many: "payload bytes/s" },
  clients: { one: "a client", many: "clients" },
} as const satisfies Record<string, { one: string; many: string }>;

/** Something that costs. */
export type CostTerm = keyof typeof costTerms;

/** Every term, in that order. */
export const costTermNames = Object.keys(costTerms) as CostTerm[];

/** How much of each term there is: clients and processes, and of the others so many a second. */
export type WorkPerS = Record<CostTerm, number>;

/** What one of each costs, never below 0; a term that others stand for has no cost of its own. */
export interface FittedCosts {
  costs: Partial<Record<CostTerm, number>>;
  /** Terms whose cost lies in that of others, because the rows do not vary them on their own. */
  merged: { term: CostTerm; into: CostTerm[] }[];
}

/** The share of a term's size that must vary on its own before a cost is told from it: below, noise is amplified tenfold and more. */
const ownShare = 0.1;

/**
 * Fits what each term costs to rows of work, so that the squares of (fitted - found) / scale are least and no cost is below 0. Terms that
 * the rows do not have, or do not vary on their own, are left out.
 */
export function fitCosts(works: readonly WorkPerS[], found: Vector, scales: Vector): FittedCosts {
  const columnOf = (term: CostTerm): number[] => works.map((work, i) => work[term] / (scales[i]! || 1));
  const kept: CostTerm[] = [];
  const merged: FittedCosts["merged"] = [];
  for (const term of costTermNames) {
    const column = columnOf(term);
    if (euclideanNorm(column) === 0) continue;
    const others = kept.map(columnOf);
    const times = leastSquares(others, column);
    if (euclideanNorm(residual(others, times, column)) >= ownShare * euclideanNorm(column)) kept.push(term);
    else
      merged.push({
        term,
        into: kept.filter((_, j) => Math.abs(times[j]!) * euclideanNorm(others[j]!) > 0.1 * euclideanNorm(column)),
      });
  }
  const target = found.map((value, i) => value / (scales[i]! || 1));
  const fitted = nonNegativeLeastSquares(kept.map(columnOf), target);
  return { costs: Object.fromEntries(kept.map((term, j) => [term, fitted[j]!])), merged };
}

/** What this work costs in all. */
export function costOf({ costs }: FittedCosts, work: WorkPerS): number {
  return dotProduct(
    costTermNames.map((term) => costs[term] ?? 0),
    costTermNames.map((term) => work[term]),
  );
}
