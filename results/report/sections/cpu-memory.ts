import { columns } from "../../model/columns.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { Summary } from "../../rows/summary.ts";
import { barChart, type Bar } from "../markup/bars.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { relativeTo, rankOf, type RankedMeasure, type Rank } from "../text/ranking.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

type Column = RankedMeasure["column"];

/** A number of a transport that is drawn as one bar. */
interface Quantity {
  column: Column;
  title: string;
  unit: string;
  digits: number;
  /** Whether it is told as a multiple of raw TCP's. */
  relative?: true;
}

const work: Quantity[] = [
  { column: "deliveries_per_s", title: "Deliveries per second", unit: "", digits: 0 },
  { column: "server_cpu_us_per_delivery", title: "Server CPU per delivery", unit: "us", digits: 1, relative: true },
  {
    column: "client_cpu_us_per_delivery",
    title: "All clients' CPU per delivery",
    unit: "us",
    digits: 1,
    relative: true,
  },
];

const memory: Quantity[] = [
  { column: "server_rss_baseline_mib", title: "Before the first client", unit: "MiB", digits: 1 },
  { column: "server_rss_mib", title: "At the end of the window", unit: "MiB", digits: 1 },
  { column: "server_rss_kib_per_client", title: "Growth per client that joined", unit: "KiB", digits: 1 },
];

const alsoWork = [
  "expected",
  "delivered",
  "lost",
  "bottleneck",
  "server_cpu_percent",
  "server_elu",
  "client_cpu_percent",
] as const;

/** Throughput and what a delivery takes of the CPUs; undefined where nothing was delivered. */
export function cpuSection(given: LoadGroup): Html | undefined {
  const base = given.entries.find(({ label }) => label === "tcp")?.summary;
  return quantities(given, work, {
    name: "Throughput and CPU",
    caption: html`Each bar is the median repeat on a linear axis from 0; the thin line is the interval of the repeats.
    Everybody was offered the same load, so an equal throughput says only that all kept up. On loopback the kernel's
    work for the receivers is in the server's CPU, so read it against raw
    TCP's${base ? ", which the multiples are of" : " where that was measured, too"}. The clients are the harness itself.`,
    also: alsoWork,
    base,
  });
}

/** The server's memory; undefined where it is not known. */
export function memorySection(given: LoadGroup): Html | undefined {
  return quantities(given, memory, {
    name: "Memory of the server",
    caption: html`Shorter is better. Resident memory of the server process: each bar is the median repeat on a linear
    axis from 0, the thin line the interval of the repeats. The growth per client is a slope while they joined; what a
    process keeps from its start is not in it.`,
    also: ["server_gc_ms", "client_rss_mib"],
    base: undefined,
  });
}

interface Told {
  name: string;
  caption: Html;
  also: readonly Column[];
  base: Summary | undefined;
}

function quantities(
  { title, entries }: LoadGroup,
  all: readonly Quantity[],
  { name, caption, also, base }: Told,
): Html | undefined {
  const drawn = all.filter(({ column }) => entries.some(({ summary }) => summary[column] !== undefined));
  if (drawn.length === 0) return undefined;
  const counting = entries.filter(({ counted }) => counted.length > 0);
  const blocks = drawn.map(
    (quantity) => html`<div>${barChart(quantity.title, barsOf(quantity, counting, base))}</div>`,
  );
  return figure({
    drawn: html`<div class="trio">${blocks}</div>`,
    caption,
    data: htmlTable(`${name}, ${title}`, [...shown(drawn, base), ...others(also, counting)], counting),
  });
}

function barsOf(
  { column, unit, digits, relative }: Quantity,
  entries: readonly TransportEntry[],
  base: Summary | undefined,
): Bar[] {
  return entries.flatMap((entry): Bar[] => {
    const place = rankOf(entry, column);
    if (!place) return [];
    const { value, interval } = place;
    const ratio = relative && base && base !== entry.summary ? relativeTo(value, Number(base[column])) : "";
    const text = `${formatNumber(value, digits)} ${unit}${ratio && ` (${ratio.replace(" times", "x")})`}`;
    return [{ label: entry.label, slot: entry.slot, parts: [value], text, interval }];
  });
}

function shown(all: readonly Quantity[], base: Summary | undefined): HtmlColumn<TransportEntry>[] {
  return [
    { heading: "transport", value: ({ label }) => label },
    ...all.flatMap(({ column, relative }): HtmlColumn<TransportEntry>[] => [
      { heading: column, value: ({ summary }) => exact(summary[column]) },
      { heading: "interval", value: (entry) => range(rankOf(entry, column)) },
      ...(relative && base
        ? [
            {
              heading: "of tcp's",
              value: ({ summary }: TransportEntry) => formatNumber(Number(summary[column]) / Number(base[column]), 2),
            },
          ]
        : []),
    ]),
  ];
}

function others(names: readonly Column[], entries: readonly TransportEntry[]): HtmlColumn<TransportEntry>[] {
  return names
    .filter((name) => entries.some(({ summary }) => summary[name] !== undefined))
    .map((name) => ({
      heading: name,
      value: ({ summary }) => exact(summary[name]),
      ...(columns[name].type === "text" && { text: true }),
    }));
}

function range(place: Rank | undefined): string | undefined {
  return place?.interval && `${exact(place.interval.low)} to ${exact(place.interval.high)}`;
}

/** As the CSV has it. */
function exact(value: string | number | undefined): string | undefined {
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 3 }) : value;
}
