import { UserError } from "../../scenarios/lib/errors.ts";
import type { ColumnName, Row } from "../model/columns.ts";
import { countsInSummary } from "../rows/summary.ts";
import type { WorkPerS } from "./cost-fit.ts";

/** What a row shows of its server: the work it had and what that took, a second. */
export interface Observation {
  row: Row;
  /** The same for all repeats of a load. */
  load: string;
  work: WorkPerS;
  cpuPerS: number;
  /** Bytes on the sockets that are no payload, to clients and from them. */
  overheadOutPerS: number;
  overheadInPerS: number;
  /** Bytes of TCP and IP headers, both ways; undefined where the kernel could not say. */
  headersPerS: number | undefined;
}

/** Share of a core above which a server's CPU is no longer in proportion to its work: what waits is handled together. */
export const fullShare = 0.7;

/** What makes two rows two loads. */
const loadColumns: ColumnName[] = ["scenario", "clients", "rooms", "senders", "payload_bytes", "offered_per_s"];

/** What no term of the model stands for, so that it must be one and the same in all rows of a transport. */
const fixedColumns: ColumnName[] = ["payload_kind", "extra_header_bytes", "network", "client"];

/**
 * What the rows of one transport show: those that count, of plain conversations, whose one server was at most 70 % of a core
 * busy and which carried messages. Throws a
 * UserError where they differ in something that the model knows nothing of.
 */
export function observationsFrom(rows: readonly Row[]): Observation[] {
  const alone = ({ server_processes: processes = 1 }: Row): boolean => processes === 1;
  const idle = ({ server_cpu_percent: percent = Infinity }: Row): boolean => percent <= 100 * fullShare;
  const plain = ({ traffic_pattern = "plain" }: Row): boolean => traffic_pattern === "plain";
  const usable = rows.filter((row) => countsInSummary(row) && alone(row) && idle(row) && plain(row));
  for (const name of fixedColumns) {
    const values = [...new Set(usable.map((row) => row[name]))];
    if (values.length > 1)
      throw new UserError(
        `The rows of ${usable[0]!.transport} differ in ${name} (${values.map((value) => value ?? "empty").join(", ")}): ` +
          `give files in which it is the same.`,
      );
  }
  return usable.flatMap((row) => observation(row) ?? []);
}

function observation(row: Row): Observation | undefined {
  const { clients, duration_s: seconds, payload_bytes: size, wire_bytes_in: wireIn, wire_bytes_out: wireOut } = row;
  const { payload_bytes_in: bytesIn, payload_bytes_out: bytesOut, server_cpu_us_per_delivery: cpuUs } = row;
  if (!clients || !seconds || !size || !bytesOut || !cpuUs) return undefined;
  if (wireIn === undefined || wireOut === undefined || bytesIn === undefined) return undefined;
  const deliveries = bytesOut / size / seconds;
  return {
    row,
    load: JSON.stringify(loadColumns.map((name) => row[name] ?? null)),
    work: {
      deliveries,
      exchanges: (row.polls_answered ?? 0) / seconds,
      sends: bytesIn / size / seconds,
      payloadBytes: (bytesIn + bytesOut) / seconds,
      clients,
      processes: 1,
    },
    cpuPerS: (cpuUs * deliveries) / 1e6,
    overheadOutPerS: (wireOut - bytesOut) / seconds,
    overheadInPerS: (wireIn - bytesIn) / seconds,
    headersPerS: row.tcp_ip_bytes_per_delivery === undefined ? undefined : row.tcp_ip_bytes_per_delivery * deliveries,
  };
}

/** The observations by load, in the order in which loads first appear. */
export function groupByLoad(observations: readonly Observation[]): Observation[][] {
  const loads = new Map<string, Observation[]>();
  for (const each of observations) loads.set(each.load, [...(loads.get(each.load) ?? []), each]);
  return [...loads.values()];
}
