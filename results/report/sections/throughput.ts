import type { ColumnName } from "../../model/columns.ts";
import { countOf, groupBy } from "../../text/lists.ts";
import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { loadColumns, type LoadGroup, type TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { markerLegend } from "../markup/markers.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";
import { quantityFigure } from "./quantity-figure.ts";
import { seriesChart, toMilliseconds } from "./series-chart.ts";

/** Deliveries per second of each transport under one load; undefined where nothing was delivered. */
export function throughputSection(group: LoadGroup): Html | undefined {
  return quantityFigure(group, {
    name: "Throughput",
    caption: html`Higher is better. Each bar is the median of the repeats on a linear axis from 0; the thin line is its
    interval. Every transport was offered the same load, so equal throughput means only that all of them kept up.`,
    quantities: [{ column: "deliveries_per_s", title: "Deliveries per second", unit: "", digits: 0 }],
    tableColumns: ["expected", "delivered", "lost", "bottleneck"],
  });
}

/** A transport under one load of a series. */
interface SeriesPoint {
  entry: TransportEntry;
  ratePerS: number;
  deliveriesPerS: number;
}

/** Columns that may differ within a series, by the quantity that increases. The window can be longer at some loads. */
const seriesColumns = {
  rate: ["offered_per_s", "duration_s"],
  clients: ["clients", "rooms", "senders", "duration_s"],
} satisfies Record<string, ColumnName[]>;

type Increasing = keyof typeof seriesColumns;

/**
 * Latency by throughput: one figure for each series of loads in which only the rate, or only the number of clients,
 * increases.
 */
export function seriesFigures(groups: readonly LoadGroup[]): Html[] {
  return (Object.keys(seriesColumns) as Increasing[]).flatMap((increasing) =>
    seriesIn(groups, seriesColumns[increasing]).flatMap((series) => {
      const points = series.flatMap(pointsOf).toSorted((one, other) => one.deliveriesPerS - other.deliveriesPerS);
      const labels = [...new Set(points.map(({ entry }) => entry.label))].toSorted();
      const isSeries = labels.some((label) => points.filter(({ entry }) => entry.label === label).length > 1);
      return isSeries ? [seriesFigure(series[0]!, increasing, points, labels)] : [];
    }),
  );
}

/** Groups of one file and build that differ only in these columns. */
function seriesIn(groups: readonly LoadGroup[], varying: readonly ColumnName[]): LoadGroup[][] {
  const fixed = loadColumns.filter((name) => !varying.includes(name));
  const keyOf = ({ source, load }: LoadGroup): string =>
    JSON.stringify([source.name, load.build, ...fixed.map((name) => load[name])]);
  return groupBy(groups, keyOf).map(([, series]) => series);
}

function pointsOf({ entries, load }: LoadGroup): SeriesPoint[] {
  return entries.flatMap((entry) => {
    const { deliveries_per_s: deliveriesPerS } = entry.summary;
    return deliveriesPerS === undefined ? [] : [{ entry, deliveriesPerS, ratePerS: load.offered_per_s ?? 0 }];
  });
}

const latencyColumns = { latency_p50_us: "Median latency", latency_p99_us: "p99 latency" } as const;
type LatencyColumn = keyof typeof latencyColumns;

function seriesFigure(
  { load, source }: LoadGroup,
  increasing: Increasing,
  points: readonly SeriesPoint[],
  labels: readonly string[],
): Html {
  const fixed =
    increasing === "clients" ? `${formatNumber(load.offered_per_s, 0)} messages/s` : countOf(load.clients, "client");
  const name = `${source.name}: ${load.scenario ?? "no scenario"}, ${fixed}, increasing ${increasing}`;
  const entries = labels.map((label) => points.find(({ entry }) => entry.label === label)!.entry);
  const charts = (Object.keys(latencyColumns) as LatencyColumn[]).map((column) => {
    const plotted = points.map(({ entry, deliveriesPerS }) => ({
      entry,
      x: deliveriesPerS,
      y: toMilliseconds(entry.summary[column]),
    }));
    const title = `${latencyColumns[column]} by throughput`;
    const drawn = seriesChart({ title: `${title}, ${name}`, x: "deliveries/s", y: "ms", points: plotted });
    return (
      drawn &&
      html`<h4>${title}</h4>
        ${drawn}`
    );
  });
  return figure({
    drawn: html`<h3>${name}</h3>
      ${markerLegend(entries)}${charts}`,
    caption: html`Lower and further to the right is better. Horizontal: deliveries per second. Vertical: latency. Each
    marker is one load. Where a line rises steeply, the transport is near its capacity on this machine. Invalid and
    failed rows are left out.`,
    data: htmlTable(`Latency by throughput, ${name}`, tableColumns, points),
  });
}

const tableColumns: HtmlColumn<SeriesPoint>[] = [
  { heading: "deliveries/s", value: ({ deliveriesPerS }) => formatNumber(deliveriesPerS, 1) },
  { heading: "transport", text: true, value: ({ entry }) => entry.label },
  { heading: "clients", value: ({ entry }) => formatNumber(entry.summary.clients, 0) },
  { heading: "offered messages/s", value: ({ ratePerS }) => ratePerS.toLocaleString("en") },
  { heading: "p50 ms", value: ({ entry }) => formatMilliseconds(entry.summary.latency_p50_us) },
  { heading: "p99 ms", value: ({ entry }) => formatMilliseconds(entry.summary.latency_p99_us) },
  { heading: "lost", value: ({ entry }) => formatNumber(entry.summary.lost, 0) },
  { heading: "repeats", value: ({ entry }) => entry.counted.length },
  { heading: "bottleneck", text: true, value: ({ entry }) => entry.summary.bottleneck },
];
