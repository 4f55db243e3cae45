import type { Row } from "../model/columns.ts";
import { formatCount, textTable, formatMilliseconds, formatNumber, wrapText, type TextColumn } from "./text-table.ts";
import { faultLegend, faultTable } from "./fault-table.ts";
import { hasProxy, proxyLegend, proxyTable } from "./proxy-table.ts";
import { rowName, rowNotes } from "./row-notes.ts";
import { hasFault } from "../rows/faults.ts";
import { countsInSummary, groupRepeats, summarise, type Summary } from "../rows/summary.ts";

const rowColumns: TextColumn<Row>[] = [
  { heading: "transport\n", value: rowName },
  { heading: "p50\nms", number: true, value: (row) => formatMilliseconds(row.latency_p50_us) },
  { heading: "p99\nms", number: true, value: (row) => formatMilliseconds(row.latency_p99_us) },
  { heading: "overhead\nB/dlv", number: true, value: (row) => formatNumber(row.overhead_bytes_per_delivery, 1) },
  { heading: "\nB/send", number: true, value: (row) => formatNumber(row.overhead_bytes_per_send, 0) },
  { heading: "dlv/s\n", number: true, value: (row) => formatCount(row.deliveries_per_s) },
  { heading: "lost\n", number: true, value: (row) => formatCount(row.lost) },
  { heading: "server\nus/dlv", number: true, value: (row) => formatNumber(row.server_cpu_us_per_delivery, 1) },
  { heading: "status\n", value: (row) => row.status! },
];

const idleColumns: TextColumn<Row>[] = [
  rowColumns[0]!,
  { heading: "idle\nB/client/s", number: true, value: (row) => formatNumber(row.idle_bytes_per_client_s, 2) },
  { heading: "connect\nB in", number: true, value: (row) => formatNumber(row.connect_bytes_in, 0) },
  { heading: "\nB out", number: true, value: (row) => formatNumber(row.connect_bytes_out, 0) },
  { heading: "\np50 ms", number: true, value: (row) => formatNumber(row.connect_p50_ms, 1) },
  { heading: "server\nKiB/client", number: true, value: (row) => formatNumber(row.server_rss_kib_per_client, 1) },
  rowColumns.at(-1)!,
];

/** The explanation of the table of these rows, in lines of at most 80 columns. */
export function resultsLegend(rows: readonly Row[]): string {
  return [
    "p50, p99: time from when a message was due until each receiver had it.",
    "overhead: bytes that are not payload, per delivery (dlv) and per message sent.",
    "server us/dlv: CPU time of the server per delivery.",
    ...(rows.some(hasProxy) ? [proxyLegend] : []),
    ...(rows.length > 0 && rows.every(hasFault) ? [faultLegend] : []),
  ].join("\n");
}

/**
 * Rows as a table of at most 80 columns, with the repeats of a transport together, and below it what a fault did where
 * every row has one, and why rows are not valid. Several builds, networks, proxies, faults or payloads have a table each.
 */
export function resultsTable(rows: readonly Row[]): string {
  return tablePerPart(rows, rowTable);
}

/**
 * Names of what may differ within a run besides the transport. They stand above a table, since a column would not fit.
 */
const partNames = [
  ({ build }: Row) => `Build ${build}`,
  ({ network, network_by: by = "none" }: Row) => `Network ${network ?? "unknown"}${by === "none" ? "" : ` by ${by}`}`,
  ({ through = "none" }: Row) => (through === "none" ? "No proxy" : `Through ${through}`),
  ({ fault = "none" }: Row) => `Fault ${fault}`,
  ({ payload_bytes: bytes, payload_kind: kind }: Row) => `Payload ${bytes?.toLocaleString("en")} B ${kind}`,
];

function tablePerPart(rows: readonly Row[], tableOf: (rows: readonly Row[]) => string): string {
  const differing = partNames.filter((nameOf) => new Set(rows.map(nameOf)).size > 1);
  if (differing.length === 0) return tableOf(rows);
  const nameOf = (row: Row): string => differing.map((each) => each(row)).join(", ");
  const names = [...new Set(rows.map(nameOf))];
  return names.map((name) => `${name}:\n${tableOf(rows.filter((row) => nameOf(row) === name))}`).join("\n\n");
}

function rowTable(measured: readonly Row[]): string {
  const transports = [...new Set(measured.map(({ transport }) => transport))];
  const rows = transports.flatMap((name) => measured.filter(({ transport }) => transport === name));
  const idle = rows.some((row) => row.offered_per_s === 0);
  const faults = rows.every(hasFault)
    ? [`\n${faultTable(rows.map((row) => ({ name: rowName(row), numbers: row })))}`]
    : [];
  return [
    textTable(idle ? idleColumns : rowColumns, rows),
    ...proxies(rows.map((row) => ({ name: rowName(row), numbers: row }))),
    ...faults,
    ...rowNotes(rows),
  ].join("\n");
}

/** The table of the proxy, where these went through one. */
function proxies(lines: Parameters<typeof proxyTable>[0]): string[] {
  const measured = lines.filter(({ numbers }) => hasProxy(numbers) && numbers.proxy_rss_mib !== undefined);
  return measured.length > 0 ? [`\n${proxyTable(measured)}`] : [];
}

/** The summary of the repeats of one transport, and the messages lost in those that count. */
interface SummaryRow {
  summary: Summary;
  lost: number | undefined;
}

const summaryTableColumns: TextColumn<SummaryRow>[] = [
  { heading: "transport\n", value: ({ summary }) => summary.transport! },
  { heading: "p50\nms", number: true, value: ({ summary }) => formatMilliseconds(summary.latency_p50_us) },
  { heading: "p99\nms", number: true, value: ({ summary }) => formatMilliseconds(summary.latency_p99_us) },
  { heading: "server\nus/dlv", number: true, value: ({ summary }) => formatBrief(summary.server_cpu_us_per_delivery) },
  { heading: "\n(interval)", number: true, value: ({ summary }) => intervalText(summary) },
  {
    heading: "overhead\nB/dlv",
    number: true,
    value: ({ summary }) => formatBrief(summary.overhead_bytes_per_delivery),
  },
  { heading: "lost\n", number: true, value: ({ lost }) => formatCount(lost) },
  { heading: "repeats\n", value: ({ summary }) => repeatsText(summary) },
];

/** The explanation of the table of summaries, in lines of at most 80 columns. */
export const summaryLegend = [
  "p50, p99: over all deliveries of all repeats. lost: sum of all repeats.",
  "server us/dlv, overhead: median repeat. Only valid and suspect repeats count.",
].join("\n");

/**
 * A table of at most 80 columns with one line for the repeats of each transport; below it the coverage of the
 * intervals, the repeats that were not valid, and what a fault did. Several builds, networks, faults or payloads have a
 * table each.
 */
export function summaryTable(rows: readonly Row[]): string {
  return tablePerPart(rows, summaryTableOfPart);
}

function summaryTableOfPart(measured: readonly Row[]): string {
  const summaries = summarise(measured);
  const lines = groupRepeats(measured).map((group, i) => ({ summary: summaries[i]!, lost: lostIn(group) }));
  const mixed = summaries.filter((summary) => statusCounts(summary).length > 1);
  const faults = measured.every(hasFault)
    ? [`\n${faultTable(summaries.map((numbers) => ({ name: numbers.transport!, numbers })))}`]
    : [];
  const statuses = mixed.map((summary) => wrapText(`${summary.transport}: ${statusCounts(summary).join(", ")}`));
  const ofProxies = proxies(summaries.map((numbers) => ({ name: numbers.transport!, numbers })));
  return [
    textTable(summaryTableColumns, lines),
    ...coverageTexts(summaries),
    ...ofProxies,
    ...statuses,
    ...faults,
  ].join("\n");
}

function lostIn(group: readonly Row[]): number | undefined {
  const lost = group.filter(countsInSummary).map((row) => row.lost);
  const known = lost.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}

/** A sentence for each number of repeats: the coverage of an interval of that many. */
function coverageTexts(summaries: readonly Summary[]): string[] {
  const sentences = summaries.flatMap(({ interval_coverage: share, repeats_valid = 0, repeats_suspect = 0 }) =>
    share === undefined
      ? []
      : [
          `intervals of ${repeats_valid + repeats_suspect} repeats contain the true median with ${formatNumber(100 * share, 1)} % probability.`,
        ],
  );
  return [...new Set(sentences)];
}

function statusCounts(summary: Summary): string[] {
  const counts = (["valid", "suspect", "invalid", "failed"] as const).map(
    (status) => [status, summary[`repeats_${status}`] ?? 0] as const,
  );
  return counts.filter(([, times]) => times > 0).map(([status, times]) => `${times} ${status}`);
}

function repeatsText(summary: Summary): string {
  const [only, another] = statusCounts(summary);
  return another === undefined ? only! : `${summary.repeats_valid}/${summary.repeats} valid`;
}

function intervalText({ server_cpu_us_per_delivery_low: low, server_cpu_us_per_delivery_high: high }: Summary): string {
  return low === undefined || high === undefined ? "-" : `${formatBrief(low)}..${formatBrief(high)}`;
}

/** One decimal up to 999.9, none above, so that two numbers fit into one cell. */
function formatBrief(value: number | undefined): string {
  return value === undefined || value < 999.95 ? formatNumber(value, 1) : formatCount(value);
}
