import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import { mergeHistograms, type Histogram } from "../../statistics/histogram.ts";
import type { LoadGroup, TransportEntry } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { lineChart, type ChartLine } from "../markup/line-chart.ts";
import { markerLegend } from "../markup/markers.ts";
import { axisFor, type Axis } from "../markup/axes.ts";
import { figure, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** Distinct messages that must lie beyond a percentile before it is drawn. */
const enoughMessages = 10;

/** Percentiles that are marked, and stand in the table. */
const percents = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 99.999];

/** The percentiles that a row has itself. */
const columnOf = {
  0: "latency_min_us",
  50: "latency_p50_us",
  90: "latency_p90_us",
  99: "latency_p99_us",
  99.9: "latency_p999_us",
} as const;

/** A transport's curve: x is 1 / (1 - p), y the latency in ms. */
interface Curve {
  entry: TransportEntry;
  /** How far it goes, as x. */
  ends: number;
  points: [x: number, y: number][];
  at(percent: number): number | undefined;
}

/** The x of a percentile: 1 of the 0th, 10 of the 90th, 100 of the 99th. */
export function percentileScale(percent: number): number {
  return Number((100 / (100 - percent)).toPrecision(12));
}

/** How far a curve of so many distinct messages goes, as x: to where 10 of them lie beyond. One broadcast is one message, however many receive it. */
export function lastTrustedPercentile(messages: number): number {
  return messages / enoughMessages;
}

/** The points of a curve up to its end, ten to a doubling, those of the marked percentiles among them. */
export function percentilePoints(latency: Pick<Histogram, "getValueAtPercentile">, ends: number): [number, number][] {
  const steps = Array.from({ length: Math.floor(10 * Math.log2(ends)) + 1 }, (_, i) => 2 ** (i / 10));
  const xs = [...new Set([...steps, ...percents.map(percentileScale), ends])].filter((x) => x <= ends);
  return xs.toSorted((a, b) => a - b).map((x) => [x, latency.getValueAtPercentile(100 - 100 / x) / 1000]);
}

function curveOf(entry: TransportEntry): Curve[] {
  const { summary, counted } = entry;
  if (summary.latency_histogram === undefined) return [];
  const latency = mergeHistograms([summary.latency_histogram]);
  const ends = lastTrustedPercentile(counted.reduce((sum, { sent = 0 }) => sum + sent, 0));
  const points = ends >= percentileScale(50) ? percentilePoints(latency, ends) : [];
  const values = new Map(percents.map((percent) => [percent, latency.getValueAtPercentile(percent)]));
  latency.destroy();
  const at = (percent: number): number | undefined => {
    const column = columnOf[percent as keyof typeof columnOf];
    const own = column && summary[column];
    return own ?? (percentileScale(percent) <= ends ? values.get(percent) : undefined);
  };
  return [{ entry, ends, points, at }];
}

/** The latencies of a case as curves over their percentiles; undefined where there are none. */
export function percentilesSection({ title, entries }: LoadGroup): Html | undefined {
  const all = entries.flatMap(curveOf);
  if (all.length === 0) return undefined;
  const drawn = all.filter(({ points }) => points.length > 0);
  const without = all.filter(({ points }) => points.length === 0).map(({ entry }) => entry.label);
  const furthest = Math.max(...drawn.map(({ ends }) => ends), 2);
  const rows = percents.filter((percent) => all.some(({ at }) => at(percent) !== undefined));
  const marked = new Set(percents.map(percentileScale));
  const lines = drawn.map(({ entry, points }): ChartLine => ({
    slot: entry.slot,
    label: entry.label,
    points,
    marked: (x) => marked.has(x),
  }));
  const name = `Latency by percentile, ${title}`;
  const y = axisFor(
    "ms",
    drawn.flatMap(({ points }) => points.map(([, ms]) => ms)),
  );
  return figure({
    drawn:
      lines.length > 0 &&
      html`${markerLegend(drawn.map(({ entry }) => entry))}${lineChart({ title: name, x: xAxis(furthest), y, lines, pointers: rows.map(percentileScale) })}`,
    caption: html`Lower is better. How long deliveries took (up) by the share of them that took no longer (across; each
    step of the same width has a tenth as many beyond it).${y.log && " Both axes are logarithmic."} All deliveries of
    all repeats that count are in it. A curve ends where fewer than ${enoughMessages} distinct messages lie beyond: one
    broadcast is one message, however many received
    it.${without.length > 0 && ` Too few messages for a curve: ${without.join(", ")}.`}`,
    data: html`${htmlTable(`${name}, ms`, shown(all), rows)}
      <p>
        Numbers beyond the end of a curve are those that the CSV has: at least ${enoughMessages} messages had a receiver
        that late. The largest latency is one delivery.
      </p>`,
  });
}

function shown(all: readonly Curve[]): HtmlColumn<number>[] {
  return [
    { heading: "percentile", value: (percent) => (percent === 0 ? "smallest" : `${percent} %`) },
    ...all.map(({ entry, at }) => ({
      heading: entry.label,
      value: (percent: number) => formatMilliseconds(at(percent)),
    })),
  ];
}

function xAxis(furthest: number): Axis {
  const ticks = percents.map(percentileScale).filter((x) => x <= furthest);
  const format = (x: number): string => `${formatNumber(100 - 100 / x, x > 150 ? Math.ceil(Math.log10(x)) - 2 : 0)} %`;
  return { name: "share of deliveries", log: true, min: 1, max: furthest, ticks, format };
}
