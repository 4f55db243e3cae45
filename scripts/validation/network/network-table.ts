import type { Row } from "../../../results/model/columns.ts";
import { countsInSummary, summarise } from "../../../results/rows/summary.ts";
import { tableNetworks, tableTransports, type TableNetwork } from "./network-rows.ts";

/** Numbers that the table has of a transport in one network. Undefined is not measured. */
export interface NetworkCell {
  transport: string;
  network: TableNetwork;
  /** Valid and suspect rows. */
  rows: number;
  connect_p50_ms?: number | undefined;
  latency_p50_us?: number | undefined;
  latency_p99_us?: number | undefined;
  latency_max_us?: number | undefined;
  /** Deliveries that never came, in percent. */
  lost_percent?: number | undefined;
}

/** Name of a number of a cell. */
export type NetworkCellNumber = Exclude<keyof NetworkCell, "transport" | "network" | "rows">;

/** What was measured, without the verdicts. Plain JSON. */
export interface NetworkTable {
  /** Start of the first row. */
  measured_on: string | undefined;
  /** What made the networks. */
  by: string | undefined;
  clients: number | undefined;
  offered_per_s: number | undefined;
  payload_bytes: number | undefined;
  duration_s: number | undefined;
  cells: NetworkCell[];
}

/**
 * The table of these rows. Percentiles are those of the histograms of all repeats together, the connect time is the
 * median repeat, and the maximum the largest.
 */
export function networkTable(rows: readonly Row[]): NetworkTable {
  const [first] = rows;
  return {
    measured_on: first?.started_at?.slice(0, 10),
    by: first?.network_by,
    clients: first?.clients,
    offered_per_s: first?.offered_per_s,
    payload_bytes: first?.payload_bytes,
    duration_s: first?.duration_s,
    cells: tableTransports.flatMap((transport) =>
      (Object.keys(tableNetworks) as TableNetwork[]).map((network) => cellFrom(transport, network, rows)),
    ),
  };
}

function cellFrom(transport: string, network: TableNetwork, all: readonly Row[]): NetworkCell {
  const rows = all.filter(
    (row) => row.transport === transport && row.network === tableNetworks[network] && countsInSummary(row),
  );
  const sum = (name: "lost" | "expected"): number => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
  const [summary] = summarise(rows);
  return {
    transport,
    network,
    rows: rows.length,
    connect_p50_ms: summary?.connect_p50_ms,
    latency_p50_us: summary?.latency_p50_us,
    latency_p99_us: summary?.latency_p99_us,
    latency_max_us: summary?.latency_max_us,
    lost_percent: sum("expected") > 0 ? (100 * sum("lost")) / sum("expected") : undefined,
  };
}
