import { columns } from "../../model/columns.ts";
import { number } from "../../text/text-table.ts";
import { bars, partsLegend, type Bar } from "../markup/bars.ts";
import type { Case, Entry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { medianParts, totalOf, type Parts } from "../text/byte-breakdown.ts";
import { measures } from "../text/ranking.ts";
import { figure, table, type Shown } from "../markup/html-table.ts";

interface Line {
  entry: Entry;
  parts: Parts;
}

const names = ["payload", "framing", "headers", "empty polls", "its share of the send", "TCP and IP"];

/** What a delivered message takes on the wire; undefined where no bytes were counted. Where nobody speaks, what silence takes. */
export function bytes({ title, entries }: Case): Html | undefined {
  const lines = entries.flatMap((entry) => lineOf(entry));
  if (lines.length === 0) return idle(title, entries);
  const drawn = lines.map(({ entry, parts }): Bar => {
    const { payload, framing = 0, headers = 0, empty = 0, sends = 0, tcpIp = 0 } = parts;
    const each = [payload, framing, headers, empty, sends, tcpIp];
    return { label: entry.label, slot: entry.slot, parts: each, text: `${brief(totalOf(parts))} B` };
  });
  const old = lines.filter(({ parts: { headers, empty } }) => headers !== undefined && empty === undefined);
  const without = lines.filter(({ parts }) => parts.tcpIp === undefined).map(({ entry }) => entry.label);
  const name = `Bytes per delivered message, ${title}`;
  return figure({
    drawn: html`${partsLegend(names)}${bars(name, drawn)}`,
    caption: html`Shorter is better. Bytes on the wire, both ways, for each message that one client received, on a
    linear axis; the number is their sum. What polls cost per delivery depends on the rate. TLS was in use where a name
    says
    so.${old.length > 0 && ` The file does not tell the empty polls of ${old.map(({ entry }) => entry.label).join(", ")} from headers.`}${without.length > 0 && ` TCP and IP are not known of ${without.join(", ")}.`}`,
    data: table(`${name}, B`, shown, lines),
  });
}

const shown: Shown<Line>[] = [
  { heading: "transport", value: ({ entry }) => entry.label },
  { heading: "payload", value: ({ parts }) => brief(parts.payload) },
  { heading: "overhead_bytes_per_delivery", value: ({ parts }) => number(parts.overhead, 2) },
  { heading: "empty_bytes_per_delivery", value: ({ parts }) => number(parts.empty, 2) },
  { heading: "share of the send", value: ({ parts }) => number(parts.sends, 2) },
  { heading: "tcp_ip_bytes_per_delivery", value: ({ parts }) => number(parts.tcpIp, 2) },
  { heading: "sum", value: ({ parts }) => number(totalOf(parts), 2) },
  { heading: "overhead_bytes_per_send", value: ({ entry }) => number(entry.summary.overhead_bytes_per_send, 2) },
  { heading: "deliveries_per_exchange", value: ({ entry }) => number(entry.summary.deliveries_per_exchange, 3) },
];

function lineOf(entry: Entry): Line[] {
  const parts = medianParts(entry.counted);
  return parts ? [{ entry, parts }] : [];
}

function brief(value: number): string {
  return number(value, Number.isInteger(value) ? 0 : 1);
}

function idle(title: string, entries: readonly Entry[]): Html | undefined {
  const { column, show } = measures.idle;
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
    drawn: bars(name, drawn),
    caption: html`Shorter is better. ${columns[column].says} Linear axis.`,
    data: table(
      name,
      [
        { heading: "transport", value: ({ label }) => label },
        { heading: column, value: ({ summary }) => number(summary[column], 3) },
        { heading: "connect_bytes_in", value: ({ summary }) => number(summary.connect_bytes_in, 1) },
        { heading: "connect_bytes_out", value: ({ summary }) => number(summary.connect_bytes_out, 1) },
      ],
      known,
    ),
  });
}
