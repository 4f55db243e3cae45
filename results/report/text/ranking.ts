import { mannWhitney, smallestP } from "../../statistics/mann-whitney.ts";
import type { ColumnName, Row } from "../../model/columns.ts";
import { formatMilliseconds, formatNumber } from "../../text/text-table.ts";
import type { Summary } from "../../rows/summary.ts";
import type { TransportEntry } from "./load-groups.ts";

/** A number by which transports are ranked; lower is better. */
export interface RankedMeasure {
  column: Extract<ColumnName, keyof Row & keyof Summary>;
  heading: string;
  unit: string;
  /** Formats a value of the column in that unit. */
  format(value: number | undefined): string;
  /** True if the value follows from protocol and load alone. Any difference is then real. */
  exact: boolean;
}

/** Measures by which the overview ranks transports. */
export const rankedMeasures = {
  p50: { column: "latency_p50_us", heading: "Median latency", unit: "ms", format: formatMilliseconds, exact: false },
  p99: { column: "latency_p99_us", heading: "p99 latency", unit: "ms", format: formatMilliseconds, exact: false },
  overhead: {
    column: "overhead_bytes_per_delivery",
    heading: "Header overhead",
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
    heading: "Idle traffic",
    unit: "B per client and second",
    format: (value) => formatNumber(value, 2),
    exact: true,
  },
} satisfies Record<string, RankedMeasure>;

/**
 * Value of a transport in a ranking. `interval` is that of the median over repeats; undefined for one repeat, or if a
 * repeat lacks the value.
 */
export interface Rank {
  entry: TransportEntry;
  value: number;
  interval: { low: number; high: number } | undefined;
}

/** Rank of a transport by a column of the CSV; undefined where it has no value. */
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
    .filter((rank) => rank !== undefined)
    .toSorted((one, other) => one.value - other.value);
}

/**
 * Relative difference between repeats on an otherwise idle machine. The rule for outlier repeats in validity-rules.ts
 * uses the same share.
 */
const usualShare = 0.25;

/** As in `compare`: the probability that any of the tests of a load finds a difference where there is none. */
const alpha = 0.05;
/** Metrics that `compare` decides by statistics: median and tail latency, throughput and server CPU. */
const decidedMetrics = 4;

/**
 * True if two of `count` transports cannot be distinguished, by the test of `compare`: Mann-Whitney over the repeats,
 * for four metrics of each transport beside the first. Where there are too few repeats for that test, they must differ
 * by more than a quarter. Exact values that are the same in all repeats of a transport differ where they are not equal.
 */
export function isTie(one: Rank, other: Rank, { exact, column }: RankedMeasure, count: number): boolean {
  if (one.value === other.value) return true;
  const [ours, theirs] = [one, other].map(({ entry }) => valuesOf(entry, column)) as [number[], number[]];
  if (exact && [ours, theirs].every((values) => new Set(values).size === 1)) return false;
  const level = alpha / (decidedMetrics * Math.max(1, count - 1));
  if (smallestP(ours.length, theirs.length) < level) return mannWhitney(ours, theirs) >= level;
  return Math.abs(one.value - other.value) <= usualShare * Math.max(one.value, other.value);
}

function valuesOf({ counted }: TransportEntry, column: RankedMeasure["column"]): number[] {
  return counted.map((row) => row[column]).filter((value) => typeof value === "number");
}

/** The first of a ranking and all that tie with it; empty for an empty ranking. */
export function leadersIn(ranks: readonly Rank[], measure: RankedMeasure): Rank[] {
  const [first] = ranks;
  return first ? ranks.filter((each) => isTie(first, each, measure, ranks.length)) : [];
}

/** Size of a value relative to `base`: `+40 %`, from twice as much on `2.1 times`; empty where `base` is 0. */
export function relativeTo(value: number, base: number): string {
  const ratio = value / base;
  if (!Number.isFinite(ratio)) return "";
  if (ratio < 1.995)
    return `${ratio < 1 ? "-" : "+"}${formatNumber(Math.abs(100 * (ratio - 1)), Math.abs(ratio - 1) < 0.095 ? 1 : 0)}\u00a0%`;
  return `${formatNumber(ratio, ratio < 9.95 ? 1 : 0)} times`;
}
