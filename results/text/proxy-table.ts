import type { Row } from "../model/columns.ts";
import { formatCount, formatNumber, textTable, type TextColumn } from "./text-table.ts";

/** The columns of a reverse proxy, of a row or of a summary of repeats. */
type ProxyNumbers = Pick<
  Row,
  | "through"
  | "proxy_version"
  | "proxy_cpu_us_per_delivery"
  | "proxy_rss_mib"
  | "client_wire_bytes_in"
  | "client_wire_bytes_out"
  | "wire_bytes_in"
  | "wire_bytes_out"
>;

/** A line of the table, with its name. */
interface ProxyLine {
  name: string;
  numbers: ProxyNumbers;
}

const columns: TextColumn<ProxyLine>[] = [
  { heading: "\nus/dlv", number: true, value: ({ numbers }) => formatNumber(numbers.proxy_cpu_us_per_delivery, 1) },
  { heading: "\nMiB", number: true, value: ({ numbers }) => formatNumber(numbers.proxy_rss_mib, 1) },
  { heading: "clients\nB in", number: true, value: ({ numbers }) => formatCount(numbers.client_wire_bytes_in) },
  { heading: "\nB out", number: true, value: ({ numbers }) => formatCount(numbers.client_wire_bytes_out) },
  { heading: "servers\nB in", number: true, value: ({ numbers }) => formatCount(numbers.wire_bytes_in) },
  { heading: "\nB out", number: true, value: ({ numbers }) => formatCount(numbers.wire_bytes_out) },
];

/** The explanation of the table of a proxy, in lines of at most 80 columns. */
export const proxyLegend = [
  "The table of a proxy: its CPU time per delivery, its memory, and the bytes on",
  "either side of it, from clients (in) and to clients (out).",
].join("\n");

/** True if there was a reverse proxy between clients and servers. */
export function hasProxy({ through }: Pick<Row, "through">): boolean {
  return through !== undefined && through !== "none";
}

/** What one proxy cost each of these, in at most 80 columns, with its name and version in the head. */
export function proxyTable(lines: readonly ProxyLine[]): string {
  const { through = "proxy", proxy_version: version = "" } = lines[0]?.numbers ?? {};
  return textTable([{ heading: `${through}\n${version}`, value: ({ name }) => name }, ...columns], lines);
}
