import { windowDeliveries } from "../rows/window-deliveries.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import type { ColumnName, Row } from "../model/columns.ts";
import { hasFault } from "../rows/faults.ts";
import { countsInSummary } from "../rows/summary.ts";
import { groupBy } from "../text/lists.ts";
import type { WorkPerS } from "./cost-fit.ts";

/** One row as the model sees it: the server's work per second, and the CPU and bytes that it took. */
export interface Observation {
  row: Row;
  /** Key that is equal for all repeats of a load. */
  load: string;
  work: WorkPerS;
  cpuPerS: number;
  /** Bytes per second on the sockets other than payload, to clients and from clients. */
  overheadOutPerS: number;
  overheadInPerS: number;
  /** Bytes per second of TCP and IP headers, both directions; undefined where the kernel did not report them. */
  headersPerS: number | undefined;
}

/**
 * Largest utilisation of a core that the model accepts, 0 to 1. Above it CPU is no longer proportional to work, because
 * a busy event loop handles waiting messages in batches.
 */
export const maxUtilisation = 0.7;

/** Columns that identify a load. */
const loadColumns: ColumnName[] = ["scenario", "clients", "rooms", "senders", "payload_bytes", "offered_per_s"];

/** Columns that no term of the model explains. All rows of a transport must agree in them. */
const fixedColumns: ColumnName[] = ["payload_kind", "extra_header_bytes", "network", "network_by", "client"];

/**
 * Observations from the usable rows of one transport: valid or suspect, of the plain traffic pattern, with messages,
 * without a fault, and with a single server process at most 70 % busy. Throws a UserError if these rows differ in a column that the
 * model does not explain.
 */
export function observationsFrom(rows: readonly Row[]): Observation[] {
  const single = ({ server_processes: processes = 1 }: Row): boolean => processes === 1;
  const hasSpareCpu = ({ server_cpu_percent: percent = Infinity }: Row): boolean => percent <= 100 * maxUtilisation;
  const plain = ({ traffic_pattern = "plain" }: Row): boolean => traffic_pattern === "plain";
  const usable = rows.filter(
    (row) => countsInSummary(row) && single(row) && hasSpareCpu(row) && plain(row) && !hasFault(row),
  );
  for (const name of fixedColumns) {
    const values = [...new Set(usable.map((row) => row[name]))];
    if (values.length > 1)
      throw new UserError(
        `The rows of ${usable[0]!.transport} differ in ${name} (${values.map((value) => value ?? "empty").join(", ")}): ` +
          `give files in which it has one value.`,
      );
  }
  return usable.flatMap((row) => observation(row) ?? []);
}

function observation(row: Row): Observation | undefined {
  const { clients, duration_s: seconds, payload_bytes: size, wire_bytes_in: wireIn, wire_bytes_out: wireOut } = row;
  const { payload_bytes_in: bytesIn, payload_bytes_out: bytesOut, server_cpu_us_per_delivery: cpuUs } = row;
  const delivered = windowDeliveries(row);
  if (!clients || !seconds || !size || !bytesOut || !cpuUs || !delivered) return undefined;
  if (wireIn === undefined || wireOut === undefined || bytesIn === undefined) return undefined;
  const deliveries = delivered / seconds;
  return {
    row,
    load: JSON.stringify(loadColumns.map((name) => row[name] ?? null)),
    work: {
      deliveries,
      polls: (row.polls_answered ?? 0) / seconds,
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

/** Observations grouped by load, in the order in which the loads first appear. */
export function groupObservations(observations: readonly Observation[]): Observation[][] {
  return groupBy(observations, ({ load }) => load).map(([, group]) => group);
}
