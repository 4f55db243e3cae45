import { columns, type ColumnName, type ColumnUse, type MeasuredNumber, type Row } from "../model/columns.ts";
import { encodeHistogram, mergeHistograms, type Histogram } from "../statistics/histogram.ts";
import { median, medianInterval } from "../statistics/median.ts";
import { minMessagesPerPercentile } from "./row.ts";

type Used<U extends ColumnUse> = {
  [K in ColumnName]: (typeof columns)[K]["use"] extends U ? K : never;
}[ColumnName];
type MeasuredText = Exclude<Used<"measured">, MeasuredNumber>;

/** Columns about the repeats. The coverage, 0 to 1, is that of every `_low` and `_high` of the row. */
const ofRepeats = [
  "repeats",
  "repeats_valid",
  "repeats_suspect",
  "repeats_invalid",
  "repeats_failed",
  "interval_coverage",
] as const;

type Counted = (typeof ofRepeats)[number] | `${MeasuredNumber}_${"low" | "high"}`;

/** Name of a summary column: a match or measured column, the build, one about the repeats, or an end of an interval. */
export type SummaryName = Used<"match" | "measured"> | "build" | Counted;

/** Repeats of one trial as one line. Undefined is an empty cell. */
export type Summary = Pick<Row, Used<"match" | "measured"> | "build"> & Partial<Record<Counted, number>>;

const names = Object.keys(columns) as ColumnName[];
const isMatch = (name: ColumnName): name is Used<"match"> => columns[name].use === "match";
const isMeasured = (name: ColumnName): name is Used<"measured"> => columns[name].use === "measured";
const isNumber = (name: ColumnName): name is MeasuredNumber => isMeasured(name) && columns[name].type === "number";
const isText = (name: ColumnName): name is MeasuredText => isMeasured(name) && !isNumber(name);

/** Columns that repeats have in common. Two builds in one run are no repeats of each other. */
const same = [...names.filter(isMatch), "build"] as const;

/** Every column of a summary, in the order of the CSV. */
export const summaryColumns: readonly SummaryName[] = [
  ...same,
  ...ofRepeats,
  ...names
    .filter(isMeasured)
    .flatMap((name) => (isNumber(name) ? ([name, `${name}_low`, `${name}_high`] as const) : [name])),
];

/** Groups of repeats: rows of one build that are equal in every match column. In order of appearance. */
export function groupRepeats(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(same.map((name) => row[name] ?? null));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

/** True for a row whose numbers count: those of an invalid row do not, and a failed row has none. */
export function countsInSummary({ status }: Row): boolean {
  return status === "valid" || status === "suspect";
}

/**
 * One summary per group of repeats. Numbers are medians over the valid and suspect repeats, with their order-statistic
 * interval. Latencies come from the merged histogram, since percentiles cannot be averaged; their interval comes from
 * the repeats. A number that some repeats lack has no interval, because its coverage would differ.
 */
export function summarise(rows: readonly Row[]): Summary[] {
  return groupRepeats(rows).map((group) => {
    const counted = group.filter(countsInSummary);
    return { ...keys(group), ...texts(counted), ...numbers(counted), ...latencies(counted) };
  });
}

function keys(group: readonly Row[]): Summary {
  const coverage = medianInterval(group.filter(countsInSummary).map(() => 0))?.coverage;
  const having = (status: string): number => group.filter((row) => row.status === status).length;
  const known = same.filter((name) => group[0]![name] !== undefined);
  return {
    ...Object.fromEntries(known.map((name) => [name, group[0]![name]])),
    repeats: group.length,
    repeats_valid: having("valid"),
    repeats_suspect: having("suspect"),
    repeats_invalid: having("invalid"),
    repeats_failed: having("failed"),
    ...(coverage !== undefined && { interval_coverage: Number(coverage.toFixed(4)) }),
  };
}

function texts(rows: readonly Row[]): Summary {
  const found: Summary = {};
  for (const name of names.filter(isText)) {
    const value = mostFrequent(rows.map((row) => row[name]).filter((text) => text !== undefined));
    if (value !== undefined && name !== "latency_histogram") found[name] = value;
  }
  return found;
}

/** The value that occurs most often, of several the one that comes first. Undefined without a value. */
export function mostFrequent(values: readonly string[]): string | undefined {
  const times = (value: string): number => values.filter((other) => other === value).length;
  return values.toSorted((a, b) => times(b) - times(a))[0];
}

function numbers(rows: readonly Row[]): Summary {
  const found: Summary = {};
  for (const name of names.filter(isNumber)) {
    const values = rows.map((row) => row[name]).filter((value) => value !== undefined);
    const centre = median(values);
    const interval = medianInterval(values);
    if (centre === undefined || !interval) continue;
    if (readingOf(name) === undefined) found[name] = centre;
    if (values.length < rows.length) continue;
    found[`${name}_low`] = interval.low;
    found[`${name}_high`] = interval.high;
  }
  return found;
}

/** Rounding error of binary fractions: 100 - 99.9 is a little less than 0.1. */
const tiny = 1e-6;

/**
 * Latencies of all repeats together. A percentile that no single repeat could state is stated where all repeats
 * together have enough messages beyond it.
 */
function latencies(rows: readonly Row[]): Summary {
  const encoded = rows.map((row) => row.latency_histogram).filter((text) => text !== undefined);
  if (encoded.length === 0) return {};
  const merged = mergeHistograms(encoded);
  const found: Summary = { latency_histogram: encodeHistogram(merged) };
  const messages = rows.reduce((sum, { sent = 0 }) => sum + sent, 0);
  for (const name of names.filter(isNumber)) {
    const reading = readingOf(name);
    const enough = reading && messages * (100 - reading.percent) > 100 * minMessagesPerPercentile - tiny;
    if (reading && (enough || rows.some((row) => row[name] !== undefined))) found[name] = reading.of(merged);
  }
  merged.destroy();
  return found;
}

/** Value that a latency column reads from a histogram: p999 is its 99.9th percentile. Undefined for other columns. */
function readingOf(name: string): { percent: number; of: (values: Histogram) => number } | undefined {
  const which = /^latency_(min|max|mean|p\d+)_us$/.exec(name)?.[1];
  if (which === undefined) return undefined;
  if (which === "mean") return { percent: 100, of: (values) => Number(values.mean.toFixed(1)) };
  const percent = { min: 0, max: 100 }[which] ?? Number(`${which.slice(1, 3)}.${which.slice(3)}`);
  return { percent, of: (values) => values.getValueAtPercentile(percent) };
}
