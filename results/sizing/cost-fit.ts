import { dot, leastSquares, nonNegativeLeastSquares, norm, remainder, type Vector } from "./nnls.ts";

/** What a server has to do, in the order in which a term is kept where two of them cannot be told apart. */
export const terms = {
  deliveries: { one: "a delivery", many: "deliveries/s" },
  exchanges: { one: "an exchange", many: "exchanges/s" },
  sends: { one: "a send", many: "messages/s" },
  processes: { one: "a process", many: "processes" },
  payloadBytes: { one: "a byte of messages", many: "payload bytes/s" },
  clients: { one: "a client", many: "clients" },
} as const satisfies Record<string, { one: string; many: string }>;

/** Something that costs. */
export type Term = keyof typeof terms;

/** Every term, in that order. */
export const termNames = Object.keys(terms) as Term[];

/** How much of each term there is: clients and processes, and of the others so many a second. */
export type Work = Record<Term, number>;

/** What one of each costs, never below 0; a term that others stand for has no cost of its own. */
export interface Fit {
  costs: Partial<Record<Term, number>>;
  /** Terms whose cost lies in that of others, because the rows do not vary them on their own. */
  merged: { term: Term; into: Term[] }[];
}

/** The share of a term's size that must vary on its own before a cost is told from it: below, noise is amplified tenfold and more. */
const ownShare = 0.1;

/**
 * Fits what each term costs to rows of work, so that the squares of (fitted - found) / scale are least and no cost is below 0. Terms that
 * the rows do not have, or do not vary on their own, are left out.
 */
export function fit(works: readonly Work[], found: Vector, scales: Vector): Fit {
  const columnOf = (term: Term): number[] => works.map((work, i) => work[term] / (scales[i]! || 1));
  const kept: Term[] = [];
  const merged: Fit["merged"] = [];
  for (const term of termNames) {
    const column = columnOf(term);
    if (norm(column) === 0) continue;
    const others = kept.map(columnOf);
    const times = leastSquares(others, column);
    if (norm(remainder(others, times, column)) >= ownShare * norm(column)) kept.push(term);
    else
      merged.push({ term, into: kept.filter((_, j) => Math.abs(times[j]!) * norm(others[j]!) > 0.1 * norm(column)) });
  }
  const target = found.map((value, i) => value / (scales[i]! || 1));
  const fitted = nonNegativeLeastSquares(kept.map(columnOf), target);
  return { costs: Object.fromEntries(kept.map((term, j) => [term, fitted[j]!])), merged };
}

/** What this work costs in all. */
export function costOf({ costs }: Fit, work: Work): number {
  return dot(
    termNames.map((term) => costs[term] ?? 0),
    termNames.map((term) => work[term]),
  );
}
