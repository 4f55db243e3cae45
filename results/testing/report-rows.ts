import type { Row } from "../model/columns.ts";
import { encodeHistogram } from "../statistics/histogram.ts";
import { testKeys, testMeasurement, recordedHistogram } from "./measurement.ts";
import { buildRow } from "../rows/row.ts";
import { buildLoadGroups, type LoadGroup, type ReportSource } from "../report/text/load-groups.ts";

const validRow = buildRow(testKeys, testMeasurement());

/** A valid row of a transport with 1 ms, 10 B and 2 us per delivery, and the changes. */
export function rowOf(transport: string, changes: Row = {}): Row {
  const { latency_p50_us: latencyUs = 1_000 } = changes;
  const latency_histogram = encodeHistogram(recordedHistogram(latencyUs));
  const started_at = `2025-01-02T03:04:${transport.length + (changes.repeat ?? 1) * 10}.000Z`;
  const chosen: Row = { latency_p50_us: latencyUs, server_cpu_us_per_delivery: 2, overhead_bytes_per_delivery: 10 };
  return { ...validRow, transport, started_at, status: "valid", reasons: "", latency_histogram, ...chosen, ...changes };
}

/** Repeats of a transport. Each column has one value for each repeat. */
export function repeatedRows(transport: string, values: Partial<Record<keyof Row, number[]>>): Row[] {
  const many = Math.max(...Object.values(values).map(({ length }) => length));
  return Array.from({ length: many }, (_, i) => {
    const each = Object.entries(values).map(([name, all]) => [name, all[i]]);
    return rowOf(transport, { repeat: i + 1, ...Object.fromEntries(each) });
  });
}

/** A result file with these rows, without run record and timeline. */
export function sourceOf(rows: Row[], changes: Partial<ReportSource> = {}): ReportSource {
  return { path: "run.csv", name: "run.csv", rows, record: undefined, warnings: [], points: [], ...changes };
}

/** The load group of these rows. Throws if they are of several loads. */
export function loadGroupOf(...rows: Row[]): LoadGroup {
  const [only, another] = buildLoadGroups([sourceOf(rows)]);
  if (!only || another) throw new Error("these rows have several loads");
  return only;
}
