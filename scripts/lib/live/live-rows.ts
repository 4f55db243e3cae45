import type { Row } from "../../../results/model/columns.ts";
import {
  definitionList,
  foldedSection,
  htmlTable,
  type HtmlColumn,
} from "../../../results/report/markup/html-table.ts";
import { html, type Html } from "../../../results/report/markup/html.ts";
import { faultLine } from "../../../results/text/fault-numbers.ts";
import { hasFault } from "../../../results/rows/faults.ts";
import { formatCount, formatMilliseconds, formatNumber } from "../../../results/text/text-table.ts";

/** A row with the label of its trial. */
export interface LabelledRow {
  label: string;
  row: Row;
}

/** Rows that a page shows. The file has all of them. */
const mostRows = 200;

/** Reasons that are visible at once. */
const mostReasons = 10;

const label: HtmlColumn<LabelledRow> = { heading: "trial", value: (each) => each.label };
const status: HtmlColumn<LabelledRow> = {
  heading: "status",
  text: true,
  value: ({ row }) => html`<span class="status ${row.status}">${row.status}</span>`,
};

const columns: HtmlColumn<LabelledRow>[] = [
  label,
  status,
  { heading: "p50 ms", value: ({ row }) => formatMilliseconds(row.latency_p50_us) },
  { heading: "p99 ms", value: ({ row }) => formatMilliseconds(row.latency_p99_us) },
  { heading: "deliveries/s", value: ({ row }) => formatCount(row.deliveries_per_s) },
  { heading: "lost", value: ({ row }) => formatCount(row.lost) },
  { heading: "server us/delivery", value: ({ row }) => formatNumber(row.server_cpu_us_per_delivery, 1) },
  { heading: "overhead B/delivery", value: ({ row }) => formatNumber(row.overhead_bytes_per_delivery, 1) },
];

const idleColumns: HtmlColumn<LabelledRow>[] = [
  label,
  status,
  { heading: "idle B/client/s", value: ({ row }) => formatNumber(row.idle_bytes_per_client_s, 2) },
  { heading: "connect p50 ms", value: ({ row }) => formatNumber(row.connect_p50_ms, 1) },
  { heading: "server KiB/client", value: ({ row }) => formatNumber(row.server_rss_kib_per_client, 1) },
];

/** The rows of a run so far, the latest first, and below them why rows are not valid, or what a fault did. */
export function liveRows(rows: readonly LabelledRow[]): Html {
  const latest = rows.slice(-mostRows).toReversed();
  const idle = latest.some(({ row }) => row.offered_per_s === 0);
  const remarks = latest
    .filter(({ row }) => remarkOf(row) !== "")
    .map((each) => ({
      term: html`${each.label} <span class="status ${each.row.status}">${each.row.status}</span>`,
      text: remarkOf(each.row),
    }));
  const [seen, folded] = [remarks.slice(0, mostReasons), remarks.slice(mostReasons)];
  return html`${htmlTable("Rows so far, the latest first", idle ? idleColumns : columns, latest)}${
    rows.length > latest.length &&
    html`<p class="note">The file has ${rows.length} rows. Here are the last ${latest.length}.</p>`
  }${definitionList(seen)}${folded.length > 0 && foldedSection(`${folded.length} more`, definitionList(folded))}`;
}

function remarkOf(row: Row): string {
  const reasons = row.error ?? row.reasons ?? "";
  return [hasFault(row) && row.error === undefined && `${faultLine(row)}.`, reasons].filter(Boolean).join(" ");
}
