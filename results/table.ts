import Table from "cli-table3";
import type { Row } from "./columns.ts";

/** One column of the table at the end of a run: its heading on two lines and what it shows of a row. */
interface Shown {
  heading: string;
  value(row: Row): string;
}

const shown: Shown[] = [
  { heading: "transport\n", value: (row) => (row.repeat === 1 ? row.transport! : `${row.transport} #${row.repeat}`) },
  { heading: "p50\nms", value: (row) => milliseconds(row.latency_p50_us) },
  { heading: "p99\nms", value: (row) => milliseconds(row.latency_p99_us) },
  { heading: "overhead\nB/dlv", value: (row) => number(row.overhead_bytes_per_delivery, 1) },
  { heading: "overhead\nB/send", value: (row) => number(row.overhead_bytes_per_send, 0) },
  { heading: "dlv/s\n", value: (row) => number(row.deliveries_per_s, 0) },
  { heading: "lost\n", value: (row) => number(row.lost, 0) },
  { heading: "server\nus/dlv", value: (row) => number(row.server_cpu_us_per_delivery, 1) },
  { heading: "status\n", value: (row) => row.status! },
];

/** How to read the table, in a line or two. */
export const legend =
  "p50, p99: from a message's due time to each receiver. B/dlv, B/send: bytes that are\n" +
  "not payload, per delivery and per message sent. server us/dlv: its CPU per delivery.";

/** The rows as a table of at most 80 columns, the order of the rows kept, and under it what makes rows doubtful. */
export function table(rows: readonly Row[]): string {
  const grid = new Table({
    head: shown.map(({ heading }) => heading),
    colAligns: shown.map((_column, i) => (i === 0 || i === shown.length - 1 ? "left" : "right")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: plain,
  });
  for (const row of rows) grid.push(shown.map(({ value }) => value(row)));
  const doubts = rows
    .filter(({ reasons, error }) => reasons || error)
    .map((row) => `${shown[0]!.value(row)}: ${row.status}. ${row.error ?? row.reasons}`);
  return [grid.toString(), ...doubts].join("\n");
}

/** No lines: it fits 80 columns and can be pasted anywhere. */
const lines =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid";
const plain = { ...Object.fromEntries(lines.split(" ").map((name) => [name, ""])), middle: "  " };

function milliseconds(us: number | undefined): string {
  if (us === undefined) return "-";
  const ms = us / 1000;
  return ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

function number(value: number | undefined, digits: number): string {
  return value === undefined
    ? "-"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
