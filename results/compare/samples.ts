import { columns, columnsFor, type ColumnName, type Row } from "../model/columns.ts";
import { isSameRun, type TransportPair } from "./pairing.ts";

/** A measured number that a comparison can look at. */
export type TestedMetric = {
  [K in ColumnName]: (typeof columns)[K] extends { use: "measured"; type: "number" } ? K : never;
}[ColumnName];

/** The repeats' values of one metric, and how they are decided: by equality, by statistics or not at all. */
export interface MetricSample {
  metric: TestedMetric;
  before: number[];
  after: number[];
  by: "equality" | "statistics" | "nothing";
  /** What a reader should know of the values; empty where nothing. */
  note: string;
}

const isMetric = (name: ColumnName): name is TestedMetric => columns[name].type === "number";
const metrics = columnsFor("measured").filter(isMetric);

/** How a column is decided, if it is. */
export function testKindOf(metric: TestedMetric): "primary" | "exact" | undefined {
  const column = columns[metric];
  return "decided" in column ? column.decided : undefined;
}

/** The metrics that can get worse or better; the others are only shown. */
export const testedMetrics = metrics.filter((metric) => testKindOf(metric) !== undefined);

/** Bytes that follow from the protocol alone, where clients poll as well: how often they ask is not in them. */
const exactForPolls: readonly TestedMetric[] = ["overhead_bytes_per_send", "connect_bytes_in", "connect_bytes_out"];

/** HTTP/2 spells out a header that has changed, such as the date once a second: how often is chance. */
const byChance = (transport = ""): boolean => transport.startsWith("h2-");

/**
 * The samples of a pair, primary metrics first, else in the order of the CSV. A metric that neither side has is left out; a primary one
 * only where that is so of all of them, as in the idle scenario.
 */
export function metricSamples(pair: TransportPair): MetricSample[] {
  const rows = [...pair.before, ...pair.after];
  const polls = rows.some(({ polls_answered }) => polls_answered !== undefined);
  const chance = rows.some(({ transport }) => byChance(transport));
  const itself = isSameRun(pair);
  const samples = metrics.map((metric): MetricSample => {
    const [before, after] = [valuesOf(metric, pair.before), valuesOf(metric, pair.after)];
    const fixed = itself || (!chance && isExact(metric, polls) && agree(before) && agree(after));
    const decided = before.length > 0 && after.length > 0 && testKindOf(metric) !== undefined;
    const by = !decided ? "nothing" : fixed ? "equality" : "statistics";
    return { metric, before, after, by, note: noteOf(metric, { before, after }, pair) };
  });
  const isThere = ({ before, after }: MetricSample): boolean => before.length + after.length > 0;
  const primary = samples.filter(({ metric }) => testKindOf(metric) === "primary");
  const others = samples.filter((sample) => !primary.includes(sample));
  return [...(primary.some(isThere) ? primary : []), ...others.filter(isThere)];
}

function isExact(metric: TestedMetric, polls: boolean): boolean {
  return testKindOf(metric) === "exact" && (!polls || exactForPolls.includes(metric));
}

function valuesOf(metric: TestedMetric, rows: readonly Row[]): number[] {
  return rows.map((row) => row[metric]).filter((value) => value !== undefined);
}

function agree(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

function noteOf(metric: TestedMetric, values: Pick<MetricSample, "before" | "after">, pair: TransportPair): string {
  const because = /_p\d+_us$/.test(metric) ? "; a percentile is that too few messages reached" : "";
  if (values.before.length + values.after.length === 0) return `empty on both sides${because}`;
  for (const side of ["before", "after"] as const) {
    const [having, of] = [values[side].length, pair[side].length];
    if (having === 0) return `empty ${side}${because}`;
    if (having < of) return `empty in ${of - having} of ${of} repeats ${side}${because}`;
  }
  return "";
}
