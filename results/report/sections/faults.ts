import type { Row } from "../../model/columns.ts";
import type { Summary } from "../../rows/summary.ts";
import { formatCount, formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { html, type Html } from "../markup/html.ts";
import { definitionList, htmlTable, type HtmlColumn } from "../markup/html-table.ts";
import { faultFindings, faultLead, metEntries } from "../text/fault-answers.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { quantityFigure, type Quantity } from "./quantity-figure.ts";

const figures: { name: string; quantities: Quantity[]; caption: Html }[] = [
  {
    name: "Missed",
    quantities: [{ column: "missed_percent", title: "Missed", unit: "%", digits: 1 }],
    caption: html`Lower is better. Share of the deliveries to affected clients that never came, of what was said from
    the fault until they were back. A transport without a bar has no such message.`,
  },
  {
    name: "Back and live",
    quantities: [
      { column: "back_p50_ms", title: "Back in the room, median", unit: "ms", digits: 0 },
      { column: "live_p50_ms", title: "First fresh message, median", unit: "ms", digits: 0 },
    ],
    caption: html`Lower is better. Time from the end of the fault. Back: of the clients that noticed. Live: of all
    affected clients. A transport without a bar did not notice.`,
  },
];

/** One load with a fault: the answers, all transports beside one another, and bars of what was missed and when. */
export function faultsSection(group: LoadGroup): Html {
  const { title, entries } = group;
  const met = { ...group, entries: metEntries(entries) };
  const findings = faultFindings(entries).map(({ topic, text }) => ({ term: topic, text }));
  const drawn = figures.map(({ name, ...content }) =>
    quantityFigure(met, { name: `${name} after the fault`, tableColumns: [], ...content }),
  );
  return html`<p class="lead">${faultLead(group)}</p>
    <p class="note">${group.description}</p>
    ${definitionList(findings)}
    <div class="overview">${htmlTable(`What the fault did, ${title}`, tableColumns, met.entries)}</div>
    ${drawn}`;
}

type FaultColumn = keyof Row & keyof Summary;

const whole = (value: number | undefined): string => formatNumber(value, 0);

/** A number with a second one below it, such as a median with its 99th percentile. */
function twoNumbers(heading: string, small: string, names: [FaultColumn, FaultColumn]): HtmlColumn<TransportEntry> {
  return {
    heading: html`${heading}<small>${small}</small>`,
    value: ({ summary }) => {
      const [first, second] = names.map((name) => summary[name] as number | undefined);
      if (first === undefined && second === undefined) return undefined;
      return html`${whole(first)}<small>${second === undefined ? "-" : whole(second)}</small>`;
    },
  };
}

function count(heading: string, name: FaultColumn): HtmlColumn<TransportEntry> {
  return { heading, value: ({ summary }) => formatCount(summary[name] as number | undefined) };
}

const tableColumns: HtmlColumn<TransportEntry>[] = [
  { heading: "transport", value: ({ label }) => label },
  twoNumbers("noticed", "of affected", ["noticed", "affected"]),
  twoNumbers("detected", "client, server ms", ["detect_p50_ms", "server_detect_p50_ms"]),
  twoNumbers("back", "p50, p99 ms", ["back_p50_ms", "back_p99_ms"]),
  count("never back", "gave_up"),
  twoNumbers("live", "p50, p99 ms", ["live_p50_ms", "live_p99_ms"]),
  twoNumbers("caught up", "p50, p99 ms", ["caught_up_p50_ms", "caught_up_p99_ms"]),
  {
    heading: html`missed<small>deliveries, %</small>`,
    value: ({ summary }) =>
      html`${formatCount(summary.missed)}<small>${formatNumber(summary.missed_percent, 1)}</small>`,
  },
  count("replayed", "replayed"),
  { heading: html`storm<small>per s</small>`, value: ({ summary }) => formatCount(summary.storm_per_s) },
  {
    heading: html`bystanders<small>p99 ms</small>`,
    value: ({ summary }) => formatMilliseconds(summary.bystanders_p99_us),
  },
  {
    heading: html`server peak<small>% of a core</small>`,
    value: ({ summary }) => formatNumber(summary.server_cpu_peak_percent, 0),
  },
];
