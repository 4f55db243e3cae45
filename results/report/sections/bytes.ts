import { columns } from "../../model/columns.ts";
import { formatNumber } from "../../text/text-table.ts";
import { barChart, partLegend, type Bar } from "../markup/bars.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { medianByteParts, totalBytes, type ByteParts } from "../text/byte-breakdown.ts";
import { rankedMeasures } from "../text/ranking.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

interface Line {
  entry: TransportEntry;
  parts: ByteParts;
}

const names = ["payload", "framing", "headers", "empty polls", "its share of the send", "TCP and IP"];

/** What a delivered message takes on the wire; undefined where no bytes were counted. Where nobody speaks, what silence takes. */
export function bytesSection({ title, entries }: LoadGroup): Html | undefined {
  const lines = entries.flatMap((entry) => lineOf(entry));
  if (lines.length === 0) return idle(title, entries);
  const drawn = lines.map(({ entry, parts }): Bar => {
    const { payload, framing = 0, headers = 0, empty = 0, sends = 0, tcpIp = 0 } = parts;
    const each = [payload, framing, headers, empty, sends, tcpIp];
    return { label: entry.label, slot: entry.slot, parts: each, text: `${brief(totalBytes(parts))} B` };
  });
  const old = lines.filter(({ parts: { headers, empty } }) => headers !== undefined && empty === undefined);
  const without = lines.filter(({ parts }) => parts.tcpIp === undefined).map(({ entry }) => entry.label);
  const name = `Bytes per delivered message, ${title}`;
  return figure({
    drawn: html`${partLegend(names)}${barChart(name, drawn)}`,
    caption: html`Shorter is better. Bytes on the wire, both ways, for each message that one client received, on a
    linear axis; the number is their sum. What polls cost per delivery depends on the rate. TLS was in use where a name
    says
    so.${old.length > 0 && ` The file does not tell the empty polls of ${old.map(({ entry }) => entry.label).join(", ")} from headers.`}${without.length > 0 && ` TCP and IP are not known of ${without.join(", ")}.`}`,
    data: htmlTable(`${name}, B`, shown, lines),
  });
}

const shown: HtmlColumn<Line>[] = [
  { heading: "transport", value: ({ entry }) => entry.label },
  { heading: "payload", value: ({ parts }) => brief(parts.payload) },
  { heading: "overhead_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.overhead, 2) },
  { heading: "empty_poll_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.empty, 2) },
  { heading: "share of the send", value: ({ parts }) => formatNumber(parts.sends, 2) },
  { heading: "tcp_ip_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.tcpIp, 2) },
  { heading: "sum", value: ({ parts }) => formatNumber(totalBytes(parts), 2) },
  { heading: "overhead_bytes_per_send", value: ({ entry }) => formatNumber(entry.summary.overhead_bytes_per_send, 2) },
  { heading: "deliveries_per_poll", value: ({ entry }) => formatNumber(entry.summary.deliveries_per_poll, 3) },
];

function lineOf(entry: TransportEntry): Line[] {
  const parts = medianByteParts(entry.counted);
  return parts ? [{ entry, parts }] : [];
}

function brief(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : 1);
}

function idle(title: string, entries: readonly TransportEntry[]): Html | undefined {
  const { column, show } = rankedMeasures.idle;
  const known = entries.filter(({ summary }) => summary[column] !== undefined);
  if (known.length === 0) return undefined;
  const drawn = known.map(({ label, slot, summary }): Bar => ({
    label,
    slot,
    parts: [summary[column]!],
    text: `${show(summary[column])} B/s`,
  }));
  const name = `Bytes per client and second when nobody says anything, ${title}`;
  return figure({
    drawn: barChart(name, drawn),
    caption: html`Shorter is better. ${columns[column].meaning} Linear axis.`,
    data: htmlTable(
      name,
      [
        { heading: "transport", value: ({ label }) => label },
        { heading: column, value: ({ summary }) => formatNumber(summary[column], 3) },
        { heading: "connect_bytes_in", value: ({ summary }) => formatNumber(summary.connect_bytes_in, 1) },
        { heading: "connect_bytes_out", value: ({ summary }) => formatNumber(summary.connect_bytes_out, 1) },
      ],
      known,
    ),
  });
}
