import type { Threshold } from "../../results/rows/thresholds.ts";
import type { Settings } from "./settings.ts";

/** The thresholds that can end a trial early. Of several upper bounds of a column, the lowest. */
export interface AbortBounds {
  /** Upper bound of latency_p99_us. */
  p99: Threshold | undefined;
  /** Upper bound of lost. */
  lost: Threshold | undefined;
}

/** The thresholds by which --abort-on-threshold ends a trial. Undefined without that option. */
export function abortBounds({ abortOnThreshold, thresholds = [] }: Pick<Settings, "abortOnThreshold" | "thresholds">) {
  if (!abortOnThreshold) return undefined;
  const lowest = (column: string, ...operators: string[]): Threshold | undefined =>
    thresholds
      .filter((each) => each.column === column && operators.includes(each.operator))
      .toSorted((one, other) => one.bound - other.bound)[0];
  return { p99: lowest("latency_p99_us", "<", "<="), lost: lowest("lost", "<", "<=", "=") } satisfies AbortBounds;
}

/** Largest count of lost messages that keeps a threshold of `lost`: 0 for `lost=0` and for `lost<1`. */
export function mostLost({ operator, bound }: Threshold): number {
  return operator === "<" ? Math.ceil(bound) - 1 : Math.floor(bound);
}
