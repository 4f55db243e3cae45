import type { Row } from "../../../results/model/columns.ts";
import { formatMilliseconds, formatNumber, textTable, wrapText } from "../../../results/text/text-table.ts";

/** A number of a row, as a cell. */
type CellOf = (row: Row) => string;

/** Rows of several transports and proxies as tables of at most 80 columns: medians, costs, and why some failed. */
export function proxyMatrix(rows: readonly Row[]): string {
  const parts = [
    table(rows, "p50 in ms", ({ latency_p50_us: us }) => formatMilliseconds(us)),
    table(rows, "proxy us/dlv", ({ proxy_cpu_us_per_delivery: us }) => formatNumber(us, 1)),
    table(rows, "server us/dlv", ({ server_cpu_us_per_delivery: us }) => formatNumber(us, 1)),
  ];
  return [...parts, reasons(rows)].join("\n\n");
}

function table(rows: readonly Row[], title: string, cellOf: CellOf): string {
  const throughs = [...new Set(rows.map(({ through }) => through!))];
  const transports = [...new Set(rows.map(({ transport }) => transport!))];
  const cell = (transport: string, through: string): string => {
    const row = rows.find((each) => each.transport === transport && each.through === through);
    if (!row) return "";
    return row.status === "failed" ? "fails" : cellOf(row);
  };
  const columns = throughs.map((through) => ({
    heading: through,
    number: true as const,
    value: (transport: string) => cell(transport, through),
  }));
  return textTable([{ heading: title, value: (transport: string) => transport }, ...columns], transports);
}

/** The sentence of each failed row, once for all rows that have the same. */
function reasons(rows: readonly Row[]): string {
  const failed = rows.filter(({ status }) => status === "failed");
  return failed.map(({ through, transport, error = "" }) => wrapText(`${transport}, ${through}: ${error}`)).join("\n");
}
