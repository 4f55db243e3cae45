import { columnsFor, type ColumnName } from "../../model/columns.ts";
import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { countNoun as some, type LoadGroup, type TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { lineChart, type ChartLine } from "../markup/line-chart.ts";
import { markerLegend } from "../markup/markers.ts";
import { axisFor } from "../markup/axes.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** A transport at one offered rate. */
interface Probe {
  entry: TransportEntry;
  ratePerS: number;
  deliveriesPerS: number;
}

/** What grows from one case of a conversation to the next, and the columns that may differ with it: a search looks longer where it has to. */
const growing: Record<string, ColumnName[]> = {
  "messages offered": ["offered_per_s", "duration_s"],
  clients: ["clients", "rooms", "senders", "duration_s"],
};

/** Latency over throughput: a figure for each conversation that was measured with one transport at several rates, or with several numbers of clients. */
export function throughputSection(cases: readonly LoadGroup[]): Html[] {
  return Object.entries(growing).flatMap(([what, free]) =>
    conversations(cases, free).flatMap((all) => {
      const probes = all.flatMap(probesOf).toSorted((one, other) => one.deliveriesPerS - other.deliveriesPerS);
      const labels = [...new Set(probes.map(({ entry }) => entry.label))].toSorted();
      const several = labels.some((label) => probes.filter(({ entry }) => entry.label === label).length > 1);
      return several ? [rateFigure(all[0]!, what, probes, labels)] : [];
    }),
  );
}

/** Cases of one file and build that differ in nothing but these columns. */
function conversations(cases: readonly LoadGroup[], free: readonly ColumnName[]): LoadGroup[][] {
  const same = columnsFor("match").filter((name) => !["transport", "client", ...free].includes(name));
  const found = new Map<string, LoadGroup[]>();
  for (const each of cases) {
    const key = JSON.stringify([each.source.name, each.load.build, ...same.map((name) => each.load[name])]);
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return [...found.values()];
}

function probesOf({ entries, load }: LoadGroup): Probe[] {
  return entries.flatMap((entry) => {
    const { deliveries_per_s: deliveriesPerS } = entry.summary;
    return deliveriesPerS === undefined ? [] : [{ entry, deliveriesPerS, ratePerS: load.offered_per_s ?? 0 }];
  });
}

const drawnColumns = { latency_p50_us: "Median latency", latency_p99_us: "99th percentile" } as const;

function rateFigure(
  { load, source }: LoadGroup,
  what: string,
  probes: readonly Probe[],
  labels: readonly string[],
): Html {
  const fixed = what === "clients" ? `${formatNumber(load.offered_per_s, 0)} messages/s` : some(load.clients, "client");
  const name = `${source.name}: ${load.scenario ?? "no scenario"} with ${fixed} and more and more ${what}`;
  const entries = labels.map((label) => probes.find(({ entry }) => entry.label === label)!.entry);
  const xs = [...new Set(probes.map(({ deliveriesPerS }) => deliveriesPerS))];
  const x = axisFor("deliveries/s", xs);
  const drawn = Object.entries(drawnColumns).map(([column, title]) => {
    const lines = entries.map((entry): ChartLine => ({
      slot: entry.slot,
      label: entry.label,
      points: pointsOf(probes, entry.label, column),
    }));
    const known = lines.filter(({ points }) => points.length > 0);
    const y = axisFor(
      "ms",
      known.flatMap(({ points }) => points.map(([, ms]) => ms)),
    );
    return (
      known.length > 0 &&
      html`<h4>${title}</h4>
        ${lineChart({ title: `${title} by deliveries per second, ${name}`, x, y, lines: known, pointers: probes.map((probe) => probe.deliveriesPerS) })}`
    );
  });
  return figure({
    drawn: html`<h3>${name}</h3>
      ${markerLegend(entries)}${drawn}`,
    caption: html`Lower is better, further to the right is more. Each marker is one load: what was delivered (across)
    and how long it took (up). Where a line turns up steeply, the transport is near its ceiling on this machine. Invalid
    and failed rows are left out.`,
    data: htmlTable(`Latency by deliveries per second, ${name}`, shown, probes),
  });
}

function pointsOf(probes: readonly Probe[], label: string, column: string): [number, number][] {
  return probes
    .filter(({ entry }) => entry.label === label)
    .flatMap(({ entry, deliveriesPerS }): [number, number][] => {
      const us = entry.summary[column as keyof typeof drawnColumns];
      return us === undefined ? [] : [[deliveriesPerS, us / 1000]];
    });
}

const shown: HtmlColumn<Probe>[] = [
  { heading: "deliveries/s", value: ({ deliveriesPerS }) => formatNumber(deliveriesPerS, 1) },
  { heading: "transport", text: true, value: ({ entry }) => entry.label },
  { heading: "clients", value: ({ entry }) => formatNumber(entry.summary.clients, 0) },
  { heading: "offered messages/s", value: ({ ratePerS }) => ratePerS.toLocaleString("en") },
  { heading: "p50 ms", value: ({ entry }) => formatMilliseconds(entry.summary.latency_p50_us) },
  { heading: "p99 ms", value: ({ entry }) => formatMilliseconds(entry.summary.latency_p99_us) },
  { heading: "lost", value: ({ entry }) => formatNumber(entry.summary.lost, 0) },
  { heading: "repeats", value: ({ entry }) => entry.counted.length },
  { heading: "limited by", text: true, value: ({ entry }) => entry.summary.bottleneck },
];
