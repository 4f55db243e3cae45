import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Row } from "../../../results/model/columns.ts";
import type { Measurement } from "../../../results/model/measurement.ts";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";

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
  const line = JSON.stringify({ ...rest, row: numbers }, (_, value: unknown) => {
    if (value instanceof Float32Array) return undefined;
    if (value instanceof Map) return Object.fromEntries(value);
    return isHistogram(value) ? { totalCount: value.totalCount } : value;
  });
  appendFileSync(path, `${line}\n`);
}

function isHistogram(value: unknown): value is { totalCount: number } {
  return typeof value === "object" && value !== null && "getValueAtPercentile" in value;
}

/**
 * The observations of a file, none where it does not exist. A last line that was cut is left out. Throws a UserError
 * where the file is no such file.
 */
export function readObservations(path: string): RuleObservation[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line, i) => {
    try {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === "object" && parsed !== null && "row" in parsed && "measurement" in parsed)
        return parsed as RuleObservation;
    } catch (error) {
      throw new UserError(`Line ${i + 1} of ${path} is no observation: ${errorMessage(error)}. Name another file.`);
    }
    throw new UserError(`Line ${i + 1} of ${path} is no observation of prove:rules. Name another file.`);
  });
}
