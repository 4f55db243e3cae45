import { columns, type ColumnName, type Row } from "../model/columns.ts";
import { median } from "../statistics/median.ts";
import { countsInSummary } from "../rows/summary.ts";
import { claims, identifyingColumns, type Claim, type ClaimSide } from "./claims.ts";

/**
 * The result of checking a claim against rows. `holds`: every repeat of the side that is expected higher is above every
 * repeat of the other; `fails`: the opposite; `close`: the repeats overlap; `too few`: not enough repeats to decide;
 * `not measured`: a side has none.
 */
export type ClaimVerdict = "holds" | "fails" | "close" | "too few" | "not measured";

/**
 * Repeats that each side needs. Two sides of 4 repeats lie entirely apart by chance in 1 of 35 cases (2 of 70 orders).
 * Exact bytes need one repeat.
 */
const repeatsNeeded = (column: ColumnName): number => (isExact(columns[column]) ? 1 : 4);
const isExact = (column: object): boolean => "decided" in column && column.decided === "exact";

/** A claim and the medians of the repeats of both sides, in the unit of the column. */
export interface CheckedClaim {
  claim: Claim;
  /** The side that is expected higher; undefined where it was not measured. */
  higher: number | undefined;
  /** The side that is expected lower; undefined where it was not measured. */
  lower: number | undefined;
  /** `higher` divided by `lower`; undefined where that is 0. */
  ratio: number | undefined;
  verdict: ClaimVerdict;
}

/** Checks these claims against these rows. Default: the claims about transports on the loopback without faults. */
export function checkClaims(rows: readonly Row[], all: readonly Claim[] = claims): CheckedClaim[] {
  return all.map((claim) => checkClaim(claim, rows));
}

/** Checks one claim against these rows. Invalid and failed rows do not count. */
export function checkClaim(claim: Claim, rows: readonly Row[]): CheckedClaim {
  const above = valuesOf(claim.expectedHigher, claim, rows);
  const below = valuesOf(claim.expectedLower, claim, rows);
  const [higher, lower] = [median(above), median(below)];
  const ratio = higher !== undefined && lower ? higher / lower : undefined;
  return { claim, higher, lower, ratio, verdict: verdictOf(above, below, repeatsNeeded(claim.column)) };
}

function valuesOf(side: ClaimSide, { column }: Claim, rows: readonly Row[]): number[] {
  const isOfSide = (row: Row): boolean =>
    networkOf(row) === networkOf(side) &&
    noneByDefault.every((name) => (row[name] ?? "none") === (side[name] ?? "none")) &&
    identifyingColumns.every((name) => name === "network" || side[name] === undefined || side[name] === row[name]);
  return rows
    .filter((row) => countsInSummary(row) && isOfSide(row))
    .flatMap((row) => (row[column] as number | undefined) ?? []);
}

/** Columns that are "none" where a claim leaves them out, whatever the scenario. */
const noneByDefault = ["fault", "history"] as const;

/** The conditions of a network, without the congestion control. */
function networkOf({ network = "loopback" }: Pick<Row, "network">): string {
  return network.replace(/,cc=[\w-]+/, "");
}

function verdictOf(above: readonly number[], below: readonly number[], repeats: number): ClaimVerdict {
  if (above.length === 0 || below.length === 0) return "not measured";
  if (Math.min(above.length, below.length) < repeats) return "too few";
  if (Math.min(...above) > Math.max(...below)) return "holds";
  return Math.max(...above) < Math.min(...below) ? "fails" : "close";
}
