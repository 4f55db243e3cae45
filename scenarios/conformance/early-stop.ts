import { deadlineMs } from "../lib/until.ts";
import type { CheckResult } from "./check-process.ts";

/** A result, and the milliseconds that the check took. */
export interface TimedResult extends CheckResult {
  ms: number;
}

/** Number of like failures after which the other checks are expected to fail, too. */
const enough = 3;

/** Why further checks would only repeat the failures so far, as a clause; undefined if they may tell something new. */
export function earlyStopReason(results: readonly TimedResult[]): string | undefined {
  const last = results.slice(-enough);
  if (last.length < enough || last.some(({ outcome }) => outcome !== "failed")) return undefined;
  if (last.every(({ ms }) => ms >= deadlineMs))
    return `${enough} checks in a row have failed after ${deadlineMs / 1000} s or more`;
  const sameReason = results.length === enough && last.every(({ reason }) => reason === last[0]!.reason);
  return sameReason ? `the first ${enough} checks have failed for the same reason` : undefined;
}
