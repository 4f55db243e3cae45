import { slopeOf } from "../../statistics/slope.ts";
import { groupBy, joinWords } from "../../text/lists.ts";
import { formatNumber } from "../../text/text-table.ts";
import { linkFillPercent } from "./link-bytes.ts";
import type { TransportEntry } from "./load-groups.ts";
import { latencyMeasure, pointText } from "./network-order.ts";
import { seriesEntries, type NetworkSeries } from "./network-series.ts";
import { rankedMeasures, type RankedMeasure } from "./ranking.ts";

/** Connect time in a ranking. */
export const connectMeasure: RankedMeasure = {
  column: "connect_p50_ms",
  heading: "Median connect time",
  unit: "ms",
  format: (value) => formatNumber(value, 1),
  exact: false,
};

/** Round trips that a message and a connection take, as the slope of their time over the round-trip time. */
export function roundTripCosts(series: NetworkSeries): string[] {
  if (series.fixed === undefined) return ["These networks differ in other conditions as well."];
  const latency = slopesText(series, rankedMeasures.p50, 1000, "by", "ms");
  const connecting = slopesText(series, connectMeasure, 1, "", "round trips");
  return [
    latency && `For each millisecond of round trip the median latency grows ${latency}.`,
    connecting && `A connection is ready after ${connecting}.`,
  ];
}

/** Slopes over the round-trip time, the smallest first: `1.0 ms over udp and ws and 1.5 ms over long-poll`. */
function slopesText(series: NetworkSeries, measure: RankedMeasure, perMs: number, word: string, unit: string): string {
  const slopes = seriesEntries(series).flatMap(({ label }) => {
    const known = valuesAlong(series, label, ({ summary }) => summary[measure.column] as number | undefined);
    const slope = slopeOf(known.map(([x, y]) => [x, y / perMs]));
    return slope === undefined ? [] : [{ label, slope }];
  });
  const ascending = slopes.toSorted((one, other) => one.slope - other.slope);
  const groups = groupBy(ascending, ({ slope }) => `${word} ${formatNumber(slope, 1)} ${unit}`.trim());
  return joinWords(groups.map(([text, group]) => `${text} over ${joinWords(group.map(({ label }) => label))}`));
}

/** Values of a transport along a series; a network in which it has none is left out. */
function valuesAlong(
  { points }: NetworkSeries,
  label: string,
  valueOf: (entry: TransportEntry) => number | undefined,
): [x: number, y: number][] {
  return points.flatMap(({ x, group }): [number, number][] => {
    const entry = group.entries.find((each) => each.label === label);
    const value = entry && valueOf(entry);
    return value === undefined ? [] : [[x, value]];
  });
}

/** Growth of the latency from the least loss to the most, and what did not come at all. */
export function lossCosts(series: NetworkSeries): string[] {
  const { points } = series;
  const { column } = latencyMeasure(series);
  const [least, most] = [pointText(series, points[0]!), pointText(series, points.at(-1)!)];
  const grown = seriesEntries(series).flatMap(({ label }) => {
    const known = valuesAlong(series, label, ({ summary }) => summary[column] as number | undefined);
    if (known.length < points.length) return [];
    return [`${label} ${formatNumber(known.at(-1)![1] / known[0]![1], 1)} times`];
  });
  const lost = points.at(-1)!.group.entries.flatMap(({ label, counted }) => {
    const [missing, expected] = [sumOf(counted, "lost"), sumOf(counted, "expected")];
    return missing > 0 && expected > 0 ? [`${label} ${formatNumber((100 * missing) / expected, 1)}\u00a0%`] : [];
  });
  return [
    grown.length > 0 ? `From ${least} to ${most} of loss that latency grows: ${joinWords(grown)}.` : "",
    lost.length > 0 ? `Deliveries that never came at ${most}: ${joinWords(lost)}.` : `At ${most} every delivery came.`,
  ];
}

function sumOf(rows: TransportEntry["counted"], column: "lost" | "expected"): number {
  return rows.reduce((sum, row) => sum + (row[column] ?? 0), 0);
}

/** How full the narrowest link is. */
export function linkFillings(series: NetworkSeries): string[] {
  const worst = series.points.at(-1)!;
  const fills = worst.group.entries.flatMap((entry) => {
    const percent = linkFillPercent(entry);
    return percent === undefined ? [] : [`${entry.label} ${formatNumber(percent, 0)}\u00a0%`];
  });
  if (fills.length === 0) return [];
  return [`Of a link of ${pointText(series, worst)} the bytes on the sockets alone take ${joinWords(fills)}.`];
}
