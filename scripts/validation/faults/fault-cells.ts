import type { Row } from "../../../results/model/columns.ts";
import { countsInSummary, summarise } from "../../../results/rows/summary.ts";
import { caseOfRow, faultCaseNames, type FaultCaseName } from "./fault-rows.ts";

const numbers = [
  "affected",
  "noticed",
  "detect_p50_ms",
  "server_detect_p50_ms",
  "back_p50_ms",
  "gave_up",
  "live_p50_ms",
  "missed",
  "missed_percent",
  "storm_per_s",
] as const;

/** What one fault did to one transport: medians of its rows. Undefined is not measured. */
export type FaultCell = { transport: string; rows: number } & Partial<Record<(typeof numbers)[number], number>>;

/** What was measured of faults. Plain JSON. */
export interface FaultProof {
  /** Start of the first row. */
  measured_on: string | undefined;
  clients: number | undefined;
  cases: { name: FaultCaseName; fault: string; cells: FaultCell[] }[];
}

/** The table of these rows: for each fault that was measured, its transports in the order of their first rows. */
export function proofOfFaults(rows: readonly Row[]): FaultProof {
  const [first] = rows;
  return {
    measured_on: first?.started_at?.slice(0, 10),
    clients: first?.clients,
    cases: faultCaseNames.flatMap((name) => {
      const own = rows.filter((row) => countsInSummary(row) && caseOfRow(row) === name);
      const transports = [...new Set(own.map(({ transport }) => transport!))];
      if (own.length === 0) return [];
      return { name, fault: own[0]!.fault!, cells: transports.map((transport) => cellFrom(transport, own)) };
    }),
  };
}

function cellFrom(transport: string, all: readonly Row[]): FaultCell {
  const rows = all.filter((row) => row.transport === transport);
  const [summary] = summarise(rows.map((row) => ({ ...row, build: "any" })));
  const known = numbers.filter((name) => summary?.[name] !== undefined);
  return { transport, rows: rows.length, ...Object.fromEntries(known.map((name) => [name, summary![name]])) };
}
