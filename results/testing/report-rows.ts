import type { Row } from "../model/columns.ts";
import { encodeHistogram } from "../statistics/histogram.ts";
import { testKeys, testMeasurement, recordedHistogram } from "./measurement.ts";
import { buildRow } from "../rows/row.ts";
import { buildLoadGroups, type LoadGroup, type ReportSource } from "../report/text/load-groups.ts";

const sound = buildRow(testKeys, testMeasurement());

/** A valid row of a transport that says so of itself and no more: 1 ms, 10 B and 2 us per delivery, unless changed. */
export function rowOf(transport: string, changes: Row = {}): Row {
  const { latency_p50_us: latencyUs = 1_000 } = changes;
  const latency_histogram = encodeHistogram(recordedHistogram(latencyUs));
  const started_at = `2025-01-02T03:04:${transport.length + (changes.repeat ?? 1) * 10}.000Z`;
  const chosen: Row = { latency_p50_us: latencyUs, server_cpu_us_per_delivery: 2, overhead_bytes_per_delivery: 10 };
  return { ...sound, transport, started_at, status: "valid", reasons: "", latency_histogram, ...chosen, ...changes };
}

/** Repeats of a transport, a value of each column for each of them. */
export function repeatedRows(transport: string, values: Partial<Record<keyof Row, number[]>>): Row[] {
  const many = Math.max(...Object.values(values).map(({ length }) => length));
  return Array.from({ length: many }, (_, i) => {
    const each = Object.entries(values).map(([name, all]) => [name, all[i]]);
    return rowOf(transport, { repeat: i + 1, ...Object.fromEntries(each) });
  });
}

/** A file with these rows, without record or points. */
export function sourceOf(rows: Row[], changes: Partial<ReportSource> = {}): ReportSource {
  return { path: "pretend.csv", name: "pretend.csv", rows, record: undefined, warnings: [], points: [], ...changes };
}

/** The one case that these rows are. */
export function loadGroupOf(...rows: Row[]): LoadGroup {
  const [only, another] = buildLoadGroups([sourceOf(rows)]);
  if (!only || another) throw new Error("these rows are not of one load");
  return only;
}
