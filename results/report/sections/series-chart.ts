import { axisFor } from "../markup/axes.ts";
import type { Html } from "../markup/html.ts";
import { lineChart, type ChartLine } from "../markup/line-chart.ts";
import { groupBy } from "../../text/lists.ts";
import type { TransportEntry } from "../text/load-groups.ts";

/** A value of a transport under one load of a series; undefined where it has none. */
export interface SeriesValue {
  entry: TransportEntry;
  x: number;
  y: number | undefined;
}

/** Content of a chart with a line for each transport. */
export interface SeriesChart {
  /** Text for screen readers. */
  title: string;
  /** Units of the axes. */
  x: string;
  y: string;
  /** In the order of the lines' points. */
  points: readonly SeriesValue[];
  /** Values of x of the rows of the table below. Default: one row for each point. */
  pointers?: readonly number[];
}

/** A line for each transport over the loads of a series, by the label; undefined where there are no values. */
export function seriesChart({ title, x, y, points, pointers }: SeriesChart): Html | undefined {
  const known = points.flatMap(({ entry, x: at, y: value }) => (value === undefined ? [] : [{ entry, at, value }]));
  if (known.length === 0) return undefined;
  const lines = groupBy(known, ({ entry }) => entry.label).map(([label, own]): ChartLine => ({
    slot: own[0]!.entry.slot,
    label,
    points: own.map(({ at, value }) => [at, value]),
  }));
  const xs = points.map((point) => point.x);
  return lineChart({
    title,
    x: axisFor(x, [...new Set(xs)]),
    y: axisFor(
      y,
      known.map(({ value }) => value),
    ),
    lines,
    pointers: pointers ?? xs,
  });
}

/** Milliseconds of microseconds; undefined for undefined. */
export function toMilliseconds(us: number | undefined): number | undefined {
  return us === undefined ? undefined : us / 1000;
}
