import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { minMessagesPerPercentile } from "../../rows/row.ts";
import { mergeHistograms, type Histogram } from "../../statistics/histogram.ts";
import { joinWords } from "../../text/lists.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { lineChart, type ChartLine } from "../markup/line-chart.ts";
import { markerLegend } from "../markup/markers.ts";
import { axisFor, type Axis } from "../markup/axes.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** Percentiles with a marker on the curve and a row in the table. */
const percents = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 99.999];

/** Percentiles that are columns of a row. */
const columnOf = {
  0: "latency_min_us",
  50: "latency_p50_us",
  90: "latency_p90_us",
  99: "latency_p99_us",
  99.9: "latency_p999_us",
} as const;

/** Latency curve of a transport: x is 1 / (1 - p), y the latency in ms. */
interface Curve {
  entry: TransportEntry;
  /** Largest x of the curve. */
  end: number;
  points: [x: number, y: number][];
  at(percent: number): number | undefined;
}

/** Position of a percentile on the x axis: 1 for the 0th, 10 for the 90th, 100 for the 99th. */
export function percentileScale(percent: number): number {
  return Number((100 / (100 - percent)).toPrecision(12));
}

/**
 * Largest x of a curve: at least 10 different messages lie beyond it. A broadcast is one message, however many clients
 * receive it.
 */
export function lastTrustedPercentile(messages: number): number {
  return messages / minMessagesPerPercentile;
}

/** Points of a curve up to its end: ten per doubling of x, and the marked percentiles. */
export function percentilePoints(latency: Pick<Histogram, "getValueAtPercentile">, end: number): [number, number][] {
  const steps = Array.from({ length: Math.floor(10 * Math.log2(end)) + 1 }, (_, i) => 2 ** (i / 10));
  const xs = [...new Set([...steps, ...percents.map(percentileScale), end])].filter((x) => x <= end);
  return xs.toSorted((a, b) => a - b).map((x) => [x, latency.getValueAtPercentile(100 - 100 / x) / 1000]);
}

function curveOf(entry: TransportEntry): Curve[] {
  const { summary, counted } = entry;
  if (summary.latency_histogram === undefined) return [];
  const latency = mergeHistograms([summary.latency_histogram]);
  const end = lastTrustedPercentile(counted.reduce((sum, { sent = 0 }) => sum + sent, 0));
  const points = end >= percentileScale(50) ? percentilePoints(latency, end) : [];
  const values = new Map(percents.map((percent) => [percent, latency.getValueAtPercentile(percent)]));
  latency.destroy();
  const at = (percent: number): number | undefined => {
    const column = columnOf[percent as keyof typeof columnOf];
    const inSummary = column && summary[column];
    return inSummary ?? (percentileScale(percent) <= end ? values.get(percent) : undefined);
  };
  return [{ entry, end, points, at }];
}

/** Latency of each transport by percentile; undefined where there are no latencies. */
export function latencySection({ title, entries }: LoadGroup): Html | undefined {
  const all = entries.flatMap(curveOf);
  if (all.length === 0) return undefined;
  const drawn = all.filter(({ points }) => points.length > 0);
  const omitted = all.filter(({ points }) => points.length === 0).map(({ entry }) => entry.label);
  const rows = percents.filter((percent) => all.some(({ at }) => at(percent) !== undefined));
  const name = `Latency by percentile, ${title}`;
  const y = axisFor(
    "ms",
    drawn.flatMap(({ points }) => points.map(([, ms]) => ms)),
  );
  const chart = { title: name, x: xAxis(drawn), y, lines: linesOf(drawn), pointers: rows.map(percentileScale) };
  return figure({
    drawn: drawn.length > 0 && html`${markerLegend(drawn.map(({ entry }) => entry))}${lineChart(chart)}`,
    caption: html`Lower is better. Vertical: latency of a delivery, from the time when the message was
    due${y.log && ", on a logarithmic axis"}. Horizontal: share of the deliveries with at most this latency; the part
    from 90 % to 99 % is as wide as the part from 0 % to 90 %. The curves contain the deliveries of all valid and
    suspect repeats. A curve ends where fewer than ${minMessagesPerPercentile} different messages lie beyond; a
    broadcast is one message, however many clients receive
    it.${omitted.length > 0 && ` Too few messages for a curve: ${joinWords(omitted)}.`}`,
    data: html`${htmlTable(`${name}, ms`, tableColumns(all), rows)}
      <p>
        The table can have percentiles beyond the end of a curve. They are those of the CSV, where at least
        ${minMessagesPerPercentile} messages had such a late delivery.
      </p>`,
  });
}

function linesOf(curves: readonly Curve[]): ChartLine[] {
  const markedXs = new Set(percents.map(percentileScale));
  return curves.map(({ entry: { slot, label }, points }) => ({
    slot,
    label,
    points,
    marked: (x: number) => markedXs.has(x),
  }));
}

function tableColumns(all: readonly Curve[]): HtmlColumn<number>[] {
  return [
    { heading: "percentile", value: (percent) => (percent === 0 ? "minimum" : `${percent} %`) },
    ...all.map(({ entry, at }) => ({
      heading: entry.label,
      value: (percent: number) => formatMilliseconds(at(percent)),
    })),
  ];
}

function xAxis(curves: readonly Curve[]): Axis {
  const max = Math.max(...curves.map(({ end }) => end), 2);
  const ticks = percents.map(percentileScale).filter((x) => x <= max);
  const format = (x: number): string => `${formatNumber(100 - 100 / x, x > 150 ? Math.ceil(Math.log10(x)) - 2 : 0)} %`;
  return { name: "share of deliveries", log: true, min: 1, max, ticks, format };
}
