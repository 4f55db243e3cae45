import { columns, measuredNumbers, type MeasuredNumber, type Row } from "../model/columns.ts";
import { ruleIds } from "../rows/validity-rules.ts";
import { isSameRun, type TransportPair } from "./pairing.ts";

/** A numeric column of measured values. */
export type TestedMetric = MeasuredNumber;

/** The values of one metric in the repeats of both sides, and how they are tested. */
export interface MetricSample {
  metric: TestedMetric;
  before: number[];
  after: number[];
  by: "equality" | "count" | "statistics" | "nothing";
  /** True if the metric needs no statistics on this transport: deliveries, and bytes that do not depend on chance. */
  exact: boolean;
  /** True if the transport may lose messages: they then differ from repeat to repeat. */
  byChance: boolean;
  /** A remark about the values; empty where there is none. */
  note: string;
}

/** Test of a column, as in its definition. Undefined if the column is not tested. */
export function testKindOf(metric: TestedMetric): "primary" | "exact" | "count" | undefined {
  const column = columns[metric];
  return "decided" in column ? column.decided : undefined;
}

const deliveryCounts: ReadonlySet<string> = new Set(measuredNumbers.filter((metric) => testKindOf(metric) === "count"));

/** True for a number of deliveries or of clients that went wrong. */
export function isDeliveryCount(metric: string): boolean {
  return deliveryCounts.has(metric);
}

/**
 * True for deliveries that a fault took from a transport that has lost some to it before. Their number depends on when
 * each client draws its way back, so it differs from repeat to repeat and needs statistics. A transport that missed
 * nothing before promises that, as by a cursor or a session: then a single one is exactly worse.
 */
function isMissedByChance(metric: TestedMetric, before: readonly number[]): boolean {
  return metric === "missed" && before.some((missed) => missed > 0);
}

/** The metrics that can be worse or better. Any other metric is only shown. */
export const testedMetrics = measuredNumbers.filter((metric) => testKindOf(metric) !== undefined);

/** Bytes that are exact for polling clients, too. Other bytes depend on how often a client polls. */
const exactForPolls: readonly TestedMetric[] = ["overhead_bytes_per_send", "connect_bytes_in", "connect_bytes_out"];

/** HTTP/2 sends a changed header in full, such as the date once a second. How often it changes is chance. */
const hasHeadersByChance = (transport = ""): boolean => transport.startsWith("h2-");

/**
 * The samples of a pair, primary metrics first, else in the order of the CSV. A metric that neither side has is left
 * out. A primary metric is left out only where neither side has any of them, as in the idle scenario.
 */
export function metricSamples(pair: TransportPair): MetricSample[] {
  const rows = [...pair.before, ...pair.after];
  const polls = rows.some(({ polls_answered }) => polls_answered !== undefined);
  const chance = rows.some(({ transport }) => hasHeadersByChance(transport));
  const sameRun = isSameRun(pair);
  const mayLose = !rows.some((row) => ruleIds(row).includes("messages-lost")) && rows.some(lostSome);
  const samples = measuredNumbers.map((metric): MetricSample => {
    const [before, after] = [valuesOf(metric, pair.before), valuesOf(metric, pair.after)];
    const exact = !chance && isExact(metric, polls);
    const counted = isDeliveryCount(metric) && !isMissedByChance(metric, before);
    const equality = sameRun || (exact && areEqual(before) && areEqual(after));
    const tested = before.length > 0 && after.length > 0 && testKindOf(metric) !== undefined;
    const by = !tested ? "nothing" : counted ? "count" : equality ? "equality" : "statistics";
    const note = noteOf(metric, { before, after }, pair);
    return { metric, before, after, by, exact: sameRun || exact || counted, byChance: mayLose, note };
  });
  const hasValues = ({ before, after }: MetricSample): boolean => before.length + after.length > 0;
  const primary = samples.filter(({ metric }) => testKindOf(metric) === "primary");
  const others = samples.filter((sample) => !primary.includes(sample));
  return [...(primary.some(hasValues) ? primary : []), ...others.filter(hasValues)];
}

/** True for a row with losses. A reliable transport that loses has the rule `messages-lost`, too. */
function lostSome({ lost = 0, clients_refused: refused = 0, clients_dropped: dropped = 0 }: Row): boolean {
  return lost + refused + dropped > 0;
}

function isExact(metric: TestedMetric, polls: boolean): boolean {
  return testKindOf(metric) === "exact" && (!polls || exactForPolls.includes(metric));
}

/** Values of the repeats. What a fault took counts as `missed`, and not as lost again. */
function valuesOf(metric: TestedMetric, rows: readonly Row[]): number[] {
  const values = rows.map((row) => (metric === "lost" ? lostBesideFault(row) : row[metric]));
  return values.filter((value) => value !== undefined);
}

function lostBesideFault({ lost, missed = 0 }: Row): number | undefined {
  return lost === undefined ? undefined : lost - missed;
}

function areEqual(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

function noteOf(metric: TestedMetric, values: Pick<MetricSample, "before" | "after">, pair: TransportPair): string {
  const why = /_p\d+_us$/.test(metric) ? " (too few messages for this percentile)" : "";
  if (values.before.length + values.after.length === 0) return `not measured on either side${why}`;
  for (const side of ["before", "after"] as const) {
    const [measured, repeats] = [values[side].length, pair[side].length];
    if (measured === 0) return `not measured ${side}${why}`;
    if (measured < repeats) return `not measured in ${repeats - measured} of ${repeats} repeats ${side}${why}`;
  }
  if (metric === "lost" && [...pair.before, ...pair.after].some(({ missed = 0 }) => missed > 0))
    return "without the missed ones";
  return "";
}
