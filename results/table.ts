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
  { heading: "\nB/send", value: (row) => number(row.overhead_bytes_per_send, 0) },
  { heading: "dlv/s\n", value: (row) => count(row.deliveries_per_s) },
  { heading: "lost\n", value: (row) => count(row.lost) },
  { heading: "server\nus/dlv", value: (row) => number(row.server_cpu_us_per_delivery, 1) },
  { heading: "status\n", value: (row) => row.status! },
];

/** How to read the table, in lines of at most 80 columns. */
export const legend = [
  "p50, p99: from the moment a message was due until each receiver had it.",
  "overhead: bytes that are not payload, per delivery (dlv) and per message sent.",
  "server us/dlv: CPU time of the server per delivery.",
].join("\n");

/** The rows as a table of at most 80 columns, the repeats of a transport together, and under it what makes rows doubtful. */
export function table(measured: readonly Row[]): string {
  const transports = [...new Set(measured.map(({ transport }) => transport))];
  const rows = transports.flatMap((name) => measured.filter(({ transport }) => transport === name));
  const grid = new Table({
    head: shown.map(({ heading }) => heading),
    colAligns: shown.map((_column, i) => (i === 0 || i === shown.length - 1 ? "left" : "right")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: plain,
  });
  for (const row of rows) grid.push(shown.map(({ value }) => value(row)));
  const doubts = rows
    .filter(({ reasons, error }) => reasons || error)
    .map((row) => wrap(`${shown[0]!.value(row)} ${row.status}: ${row.error ?? row.reasons}`));
  return [grid.toString(), ...doubts].join("\n");
}

/** No lines: it fits 80 columns and can be pasted anywhere. */
const lines =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid";
const plain = { ...Object.fromEntries(lines.split(" ").map((name) => [name, ""])), middle: "  " };

/** Breaks a sentence between words into lines of at most 80 columns, the second and later ones indented. */
function wrap(sentence: string): string {
  let column = 0;
  return sentence.replaceAll(/\s*\S+/g, (word) => {
    const breaks = column > 0 && column + word.length > 80;
    column = breaks ? word.trimStart().length + 2 : column + word.length;
    return breaks ? `\n  ${word.trimStart()}` : word;
  });
}

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

/** Exact up to 99,999; above that to three digits, as 1.23M, or the table would not fit. The CSV has them all. */
function count(value: number | undefined): string {
  if (value === undefined || value < 99_999.5) return number(value, 0);
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
}
