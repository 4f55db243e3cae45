import { columns, type ColumnName, type Row } from "../model/columns.ts";
import { median } from "../statistics/median.ts";
import { countsInSummary } from "../rows/summary.ts";
import { claims, identifyingColumns, type Claim, type ClaimSide } from "./claims.ts";

/**
 * Whether a claim is true of some rows: `holds` and `fails` where every repeat of one side is above every one of the other, `close` where
 * they overlap, `too few` where that says nothing yet, `not measured` where a side has none.
 */
export type ClaimVerdict = "holds" | "fails" | "close" | "too few" | "not measured";

/** Repeats of each side that all lie apart by chance once in 35 times, both ways counted; bytes need but one, since they are exact. */
const enough = 4;
const needed = (column: ColumnName): number => (isExact(columns[column]) ? 1 : enough);
const isExact = (column: object): boolean => "decided" in column && column.decided === "exact";

/** A claim with the medians of both sides' repeats, in the column's unit, and how many times the cheaper one the dearer is. */
export interface CheckedClaim {
  claim: Claim;
  dearer: number | undefined;
  cheaper: number | undefined;
  /** Undefined where the cheaper side is 0. */
  ratio: number | undefined;
  verdict: ClaimVerdict;
}

/** Every claim against these rows. */
export function checkClaims(rows: readonly Row[]): CheckedClaim[] {
  return claims.map((claim) => checkClaim(claim, rows));
}

/** One claim against these rows; invalid and failed ones do not count. */
export function checkClaim(claim: Claim, rows: readonly Row[]): CheckedClaim {
  const [over, under] = [valuesOf(claim.expectedHigher, claim, rows), valuesOf(claim.expectedLower, claim, rows)];
  const [dearer, cheaper] = [median(over), median(under)];
  const ratio = dearer !== undefined && cheaper ? dearer / cheaper : undefined;
  return { claim, dearer, cheaper, ratio, verdict: verdictOf(over, under, needed(claim.column)) };
}

function valuesOf(side: ClaimSide, { column }: Claim, rows: readonly Row[]): number[] {
  const same = (row: Row): boolean =>
    identifyingColumns.every((name) => side[name] === undefined || side[name] === row[name]);
  return rows
    .filter((row) => countsInSummary(row) && same(row))
    .flatMap((row) => (row[column] as number | undefined) ?? []);
}

function verdictOf(over: readonly number[], under: readonly number[], repeats: number): ClaimVerdict {
  if (over.length === 0 || under.length === 0) return "not measured";
  if (Math.min(over.length, under.length) < repeats) return "too few";
  if (Math.min(...over) > Math.max(...under)) return "holds";
  return Math.max(...over) < Math.min(...under) ? "fails" : "close";
}
