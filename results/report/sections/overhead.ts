import { formatNumber } from "../../text/text-table.ts";
import { barChart, partLegend, type Bar } from "../markup/bars.ts";
import { joinWords } from "../../text/lists.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { medianByteParts, totalBytes, type ByteParts } from "../text/byte-breakdown.ts";
import { rankedMeasures } from "../text/ranking.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

interface EntryBytes {
  entry: TransportEntry;
  parts: ByteParts;
}

const partNames = ["payload", "framing", "headers", "empty polls", "share of the send", "TCP/IP headers"];

/**
 * Bytes on the wire per delivery, by purpose, or idle traffic where no messages are sent; undefined where no bytes were
 * counted.
 */
export function overheadSection({ title, entries }: LoadGroup): Html | undefined {
  const all = entries.flatMap((entry): EntryBytes[] => {
    const parts = medianByteParts(entry.counted);
    return parts ? [{ entry, parts }] : [];
  });
  if (all.length === 0) return idleTraffic(title, entries);
  const bars = all.map(({ entry, parts }): Bar => {
    const { payload, framing = 0, headers = 0, emptyPolls = 0, sends = 0, tcpIp = 0 } = parts;
    const each = [payload, framing, headers, emptyPolls, sends, tcpIp];
    return { label: entry.label, slot: entry.slot, parts: each, text: `${formatBytes(totalBytes(parts))} B` };
  });
  const merged = labelsOf(all, ({ headers, emptyPolls }) => headers !== undefined && emptyPolls === undefined);
  const noTcpIp = labelsOf(all, ({ tcpIp }) => tcpIp === undefined);
  const name = `Bytes per delivery, ${title}`;
  return figure({
    drawn: html`${partLegend(partNames)}${barChart(name, bars)}`,
    caption: html`Lower is better. Bytes on the wire in both directions, divided by the number of deliveries. A delivery
    is one message at one receiver. The axis is linear; the number is the sum of the parts. The overhead of polling
    depends on the message rate. TLS was used only where a name ends with
    +tls.${merged !== "" && ` The headers of ${merged} contain the empty polls.`}${noTcpIp !== "" && ` The TCP/IP headers of ${noTcpIp} are unknown.`}`,
    data: htmlTable(`${name}, B`, columns, all),
  });
}

const columns: HtmlColumn<EntryBytes>[] = [
  { heading: "transport", value: ({ entry }) => entry.label },
  { heading: "payload", value: ({ parts }) => formatBytes(parts.payload) },
  { heading: "overhead_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.overhead, 2) },
  { heading: "empty_poll_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.emptyPolls, 2) },
  { heading: "share of the send", value: ({ parts }) => formatNumber(parts.sends, 2) },
  { heading: "tcp_ip_bytes_per_delivery", value: ({ parts }) => formatNumber(parts.tcpIp, 2) },
  { heading: "sum", value: ({ parts }) => formatNumber(totalBytes(parts), 2) },
  { heading: "overhead_bytes_per_send", value: ({ entry }) => formatNumber(entry.summary.overhead_bytes_per_send, 2) },
  { heading: "deliveries_per_poll", value: ({ entry }) => formatNumber(entry.summary.deliveries_per_poll, 3) },
];

function labelsOf(all: readonly EntryBytes[], applies: (parts: ByteParts) => boolean): string {
  return joinWords(all.filter(({ parts }) => applies(parts)).map(({ entry }) => entry.label));
}

function formatBytes(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : 1);
}

function idleTraffic(title: string, entries: readonly TransportEntry[]): Html | undefined {
  const { column, format } = rankedMeasures.idle;
  const known = entries.filter(({ summary }) => summary[column] !== undefined);
  if (known.length === 0) return undefined;
  const bars = known.map(({ label, slot, summary }): Bar => ({
    label,
    slot,
    parts: [summary[column]!],
    text: `${format(summary[column])} B/s`,
  }));
  const name = `Idle traffic: bytes per client and second without messages, ${title}`;
  return figure({
    drawn: barChart(name, bars),
    caption: html`Lower is better. Heartbeats and empty polls in both directions, at the intervals that the settings
    give. The axis is linear.`,
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
