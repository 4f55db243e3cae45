import type { Row } from "../model/columns.ts";
import { formatCount, textTable, formatMilliseconds, formatNumber, wrapText, type TextColumn } from "./text-table.ts";
import { countsInSummary, groupRepeats, summarise, type Summary } from "../rows/summary.ts";

const shown: TextColumn<Row>[] = [
  { heading: "transport\n", value: (row) => (row.repeat === 1 ? row.transport! : `${row.transport} #${row.repeat}`) },
  { heading: "p50\nms", number: true, value: (row) => formatMilliseconds(row.latency_p50_us) },
  { heading: "p99\nms", number: true, value: (row) => formatMilliseconds(row.latency_p99_us) },
  { heading: "overhead\nB/dlv", number: true, value: (row) => formatNumber(row.overhead_bytes_per_delivery, 1) },
  { heading: "\nB/send", number: true, value: (row) => formatNumber(row.overhead_bytes_per_send, 0) },
  { heading: "dlv/s\n", number: true, value: (row) => formatCount(row.deliveries_per_s) },
  { heading: "lost\n", number: true, value: (row) => formatCount(row.lost) },
  { heading: "server\nus/dlv", number: true, value: (row) => formatNumber(row.server_cpu_us_per_delivery, 1) },
  { heading: "status\n", value: (row) => row.status! },
];

const shownIdle: TextColumn<Row>[] = [
  shown[0]!,
  { heading: "idle\nB/client/s", number: true, value: (row) => formatNumber(row.idle_bytes_per_client_s, 2) },
  { heading: "connect\nB in", number: true, value: (row) => formatNumber(row.connect_bytes_in, 0) },
  { heading: "\nB out", number: true, value: (row) => formatNumber(row.connect_bytes_out, 0) },
  { heading: "\np50 ms", number: true, value: (row) => formatNumber(row.connect_p50_ms, 1) },
  { heading: "server\nKiB/client", number: true, value: (row) => formatNumber(row.server_rss_kib_per_client, 1) },
  shown.at(-1)!,
];

/** How to read the table, in lines of at most 80 columns. */
export const resultsLegend = [
  "p50, p99: from the moment a message was due until each receiver had it.",
  "overhead: bytes that are not payload, per delivery (dlv) and per message sent.",
  "server us/dlv: CPU time of the server per delivery.",
].join("\n");

/**
 * The rows as a table of at most 80 columns, the repeats of a transport together, and under it what makes rows doubtful; a table for each
 * build and payload where there are several.
 */
export function resultsTable(measured: readonly Row[]): string {
  return perPart(measured, tableOfPart);
}

/** What may differ within a run besides the transport, and is named above a table: beside it there would not fit into 80 columns. */
const parting = [
  ({ build }: Row) => `Build ${build}`,
  ({ payload_bytes: bytes, payload_kind: kind }: Row) => `Payload ${bytes?.toLocaleString("en")} B ${kind}`,
];

function perPart(rows: readonly Row[], tableOf: (rows: readonly Row[]) => string): string {
  const telling = parting.filter((nameOf) => new Set(rows.map(nameOf)).size > 1);
  if (telling.length === 0) return tableOf(rows);
  const nameOf = (row: Row): string => telling.map((each) => each(row)).join(", ");
  const names = [...new Set(rows.map(nameOf))];
  return names.map((name) => `${name}:\n${tableOf(rows.filter((row) => nameOf(row) === name))}`).join("\n\n");
}

function tableOfPart(measured: readonly Row[]): string {
  const transports = [...new Set(measured.map(({ transport }) => transport))];
  const rows = transports.flatMap((name) => measured.filter(({ transport }) => transport === name));
  const doubts = rows
    .filter(({ reasons, error }) => reasons || error)
    .map((row) => wrapText(`${shown[0]!.value(row)} ${row.status}: ${row.error ?? row.reasons}`));
  const idle = rows.some((row) => row.offered_per_s === 0);
  return [textTable(idle ? shownIdle : shown, rows), ...doubts].join("\n");
}

/** The repeats of one transport: their summary, and the messages lost in all that count. */
interface Together {
  summary: Summary;
  lost: number | undefined;
}

const shownTogether: TextColumn<Together>[] = [
  { heading: "transport\n", value: ({ summary }) => summary.transport! },
  { heading: "p50\nms", number: true, value: ({ summary }) => formatMilliseconds(summary.latency_p50_us) },
  { heading: "p99\nms", number: true, value: ({ summary }) => formatMilliseconds(summary.latency_p99_us) },
  { heading: "server\nus/dlv", number: true, value: ({ summary }) => brief(summary.server_cpu_us_per_delivery) },
  { heading: "\n(interval)", number: true, value: ({ summary }) => interval(summary) },
  { heading: "overhead\nB/dlv", number: true, value: ({ summary }) => brief(summary.overhead_bytes_per_delivery) },
  { heading: "lost\n", number: true, value: ({ lost }) => formatCount(lost) },
  { heading: "repeats\n", value: ({ summary }) => repeats(summary) },
];

/** How to read the table of summaries, in lines of at most 80 columns. */
export const summaryLegend = [
  "p50, p99: of all deliveries of all repeats together. lost: in all repeats.",
  "server us/dlv, overhead: the median repeat. Only valid and suspect ones count.",
].join("\n");

/**
 * The repeats of each transport as one line of a table of at most 80 columns; under it how far the intervals go, and which repeats were
 * not valid; a table for each build and payload where there are several.
 */
export function summaryTable(measured: readonly Row[]): string {
  return perPart(measured, summaryTableOfPart);
}

function summaryTableOfPart(measured: readonly Row[]): string {
  const summaries = summarise(measured);
  const lines = groupRepeats(measured).map((group, i) => ({ summary: summaries[i]!, lost: lostIn(group) }));
  const mixed = summaries.filter((summary) => statuses(summary).length > 1);
  const doubts = mixed.map((summary) => wrapText(`${summary.transport}: ${statuses(summary).join(", ")}`));
  return [textTable(shownTogether, lines), ...coverages(summaries), ...doubts].join("\n");
}

function lostIn(group: readonly Row[]): number | undefined {
  const lost = group.filter(countsInSummary).map((row) => row.lost);
  const known = lost.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}

/** Each number of counted repeats that occurs, with what an interval of that many is worth. */
function coverages(summaries: readonly Summary[]): string[] {
  const sentences = summaries.flatMap(({ interval_coverage: share, repeats_valid = 0, repeats_suspect = 0 }) =>
    share === undefined
      ? []
      : [
          `interval of ${repeats_valid + repeats_suspect}: covers the true median with ${formatNumber(100 * share, 1)} %.`,
        ],
  );
  return [...new Set(sentences)];
}

function statuses(summary: Summary): string[] {
  const of = (["valid", "suspect", "invalid", "failed"] as const).map(
    (status) => [status, summary[`repeats_${status}`] ?? 0] as const,
  );
  return of.filter(([, times]) => times > 0).map(([status, times]) => `${times} ${status}`);
}

function repeats(summary: Summary): string {
  const [only, another] = statuses(summary);
  return another === undefined ? only! : `${summary.repeats_valid}/${summary.repeats} valid`;
}

function interval({ server_cpu_us_per_delivery_low: low, server_cpu_us_per_delivery_high: high }: Summary): string {
  return low === undefined || high === undefined ? "-" : `${brief(low)}..${brief(high)}`;
}

/** One digit behind the point up to 999.9, none above, or two of them would not fit into one cell. */
function brief(value: number | undefined): string {
  return value === undefined || value < 999.95 ? formatNumber(value, 1) : formatCount(value);
}
