import type { Row } from "../../../results/model/columns.ts";
import { countsInSummary } from "../../../results/rows/summary.ts";
import { readJsonLines } from "../../lib/json-lines.ts";

/** Round-trip time of the networks that are compared, in milliseconds. */
export const tableRttMs = 200;

/** The networks that are compared: the same distance without loss, and with a lost packet in a hundred each way. */
export const tableNetworks = {
  clean: `rtt=${tableRttMs}ms,cc=reno`,
  lossy: `rtt=${tableRttMs}ms,loss=1%,cc=reno`,
} as const;

/** Name of such a network. */
export type TableNetwork = keyof typeof tableNetworks;

/** The transports that are compared, in the order of the table. */
export const tableTransports = [
  "udp",
  "tcp",
  "ws",
  "ws+tls",
  "sse",
  "h2-sse",
  "socket.io",
  "socket.io-default",
  "long-poll",
  "short-poll",
];

/** What rows have in common that are repeats of one another: `ws clean 30 s`. */
export function networkCellName(transport: string, network: TableNetwork, durationS: number): string {
  return `${transport} ${network} ${durationS} s`;
}

/** The cell of a row; undefined for a row that does not count, and so is to be measured again. */
export function cellOfNetworkRow(row: Row): string | undefined {
  const known = Object.entries(tableNetworks).find(([, network]) => network === row.network);
  if (!known || !countsInSummary(row)) return undefined;
  return networkCellName(row.transport!, known[0] as TableNetwork, row.duration_s!);
}

/** The rows of a file of one JSON object per line. Throws a UserError where it is no such file. */
export function readNetworkRows(path: string): Row[] {
  return readJsonLines(path, "row of prove:network", ["transport", "network", "status"]);
}
