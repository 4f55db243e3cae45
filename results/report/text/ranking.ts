import type { ColumnName, Row } from "../../model/columns.ts";
import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import type { Summary } from "../../rows/summary.ts";
import type { TransportEntry } from "./load-groups.ts";

/** A number by which transports are ranked; the smaller, the better. */
export interface RankedMeasure {
  column: Extract<ColumnName, keyof Row & keyof Summary>;
  heading: string;
  unit: string;
  /** The value in that unit. */
  format(value: number | undefined): string;
  /** What follows from the protocol and the load: equal is equal, and any difference is one. */
  exact: boolean;
}

/** The measures that an answer is made of. */
export const rankedMeasures = {
  p50: { column: "latency_p50_us", heading: "Latency, median", unit: "ms", format: formatMilliseconds, exact: false },
  p99: { column: "latency_p99_us", heading: "Latency, p99", unit: "ms", format: formatMilliseconds, exact: false },
  bytes: {
    column: "overhead_bytes_per_delivery",
    heading: "Bytes beside payload",
    unit: "B per delivery",
    format: (value) => formatNumber(value, 1),
    exact: true,
  },
  cpu: {
    column: "server_cpu_us_per_delivery",
    heading: "Server CPU",
    unit: "us per delivery",
    format: (value) => formatNumber(value, 1),
    exact: false,
  },
  idle: {
    column: "idle_bytes_per_client_s",
    heading: "Bytes when idle",
    unit: "B per client and second",
    format: (value) => formatNumber(value, 2),
    exact: true,
  },
} satisfies Record<string, RankedMeasure>;

/** A transport's value of a measure, and the interval of its repeats' median; none where it has one repeat, or some lack the value. */
export interface Rank {
  entry: TransportEntry;
  value: number;
  interval: { low: number; high: number } | undefined;
}

/** A transport's place by a column of the CSV; undefined where it has no value there. */
export function rankOf(entry: TransportEntry, column: RankedMeasure["column"]): Rank | undefined {
  const value = entry.summary[column];
  if (typeof value !== "number") return undefined;
  const { [`${column}_low`]: low, [`${column}_high`]: high } = entry.summary as Record<string, number | undefined>;
  const repeated = entry.counted.length > 1 && low !== undefined && high !== undefined;
  return { entry, value, interval: repeated ? { low, high } : undefined };
}

/** The transports that have a value, best first. */
export function ranking(entries: readonly TransportEntry[], { column }: RankedMeasure): Rank[] {
  return entries
    .map((entry) => rankOf(entry, column))
    .filter((place) => place !== undefined)
    .toSorted((one, other) => one.value - other.value);
}

/** Repeats of one thing on a quiet machine differ by less; see the rule "unlike its siblings" in verdict.ts. */
const usualShare = 0.25;

/**
 * Whether nobody can say which of the two is better: their repeats' intervals overlap, or, where one was not repeated, they differ by no
 * more than repeats of one thing may (a quarter). Exact measures that were not repeated are too close only when they are equal.
 */
export function tooClose(one: Rank, other: Rank, { exact }: RankedMeasure): boolean {
  if (one.value === other.value) return true;
  if (one.interval && other.interval)
    return one.interval.low <= other.interval.high && other.interval.low <= one.interval.high;
  return !exact && Math.abs(one.value - other.value) <= usualShare * Math.max(one.value, other.value);
}

/** The first of a ranking and all that are too close to it; none of an empty one. */
export function leadersIn(places: readonly Rank[], measure: RankedMeasure): Rank[] {
  const [first] = places;
  return first ? places.filter((each) => tooClose(first, each, measure)) : [];
}

/** How much more than `base` a value is: `+40 %`, from twice as much on `2.1 times`; nothing where `base` is 0. */
export function relativeTo(value: number, base: number): string {
  const ratio = value / base;
  if (!Number.isFinite(ratio)) return "";
  if (ratio < 1.995)
    return `${ratio < 1 ? "-" : "+"}${formatNumber(Math.abs(100 * (ratio - 1)), Math.abs(ratio - 1) < 0.095 ? 1 : 0)}\u00a0%`;
  return `${formatNumber(ratio, ratio < 9.95 ? 1 : 0)} times`;
}
