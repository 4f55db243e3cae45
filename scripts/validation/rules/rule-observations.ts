import type { Row } from "../../../results/model/columns.ts";
import type { Measurement } from "../../../results/model/measurement.ts";
import { appendJsonLine, readJsonLines } from "../../lib/json-lines.ts";

/** One row of a proof of the rules, with all that the rules look at, so that other rules can be tried on it. */
export interface RuleObservation {
  /** Id of the injection; undefined for an undisturbed row. */
  injection?: string | undefined;
  size?: number | undefined;
  row: Row;
  measurement: Measurement;
}

/** What observations have in common that are repeats of one another: `chat-1k ws`, or `cpu-hog 50`. */
export function cellOf({ injection, size, row }: Pick<RuleObservation, "injection" | "size" | "row">): string {
  return injection === undefined ? `${row.scenario} ${row.transport}` : `${injection} ${size}`;
}

/** Appends an observation to a file of one JSON object per line. A histogram is kept as its number of values. */
export function appendObservation(path: string, { row, ...rest }: RuleObservation): void {
  const { latency_histogram: _histogram, ...numbers } = row;
  appendJsonLine(path, { ...rest, row: numbers }, (_, value) => {
    if (value instanceof Float32Array) return undefined;
    if (value instanceof Map) return Object.fromEntries(value);
    return isHistogram(value) ? { totalCount: value.totalCount } : value;
  });
}

function isHistogram(value: unknown): value is { totalCount: number } {
  return typeof value === "object" && value !== null && "getValueAtPercentile" in value;
}

/** The observations of such a file. Throws a UserError where it is no such file. */
export function readObservations(path: string): RuleObservation[] {
  return readJsonLines(path, "observation of prove:rules", ["row", "measurement"]) as RuleObservation[];
}
