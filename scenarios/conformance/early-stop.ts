import type { CheckResult } from "./check-process.ts";
import { deadlineMs } from "./test-kit.ts";

/** What became of a sentence, and how long it took. */
export interface TimedCheck extends CheckResult {
  tookMs: number;
}

/** So many sentences are tried before one is taken for all. */
const few = 3;

/** Of sentences that were tried one after another: why there is little use in trying more, in a clause; undefined where there is. */
export function earlyStopReason(tried: readonly TimedCheck[]): string | undefined {
  const last = tried.slice(-few);
  if (last.length < few || last.some(({ why }) => why === undefined)) return undefined;
  if (last.every(({ tookMs }) => tookMs >= deadlineMs))
    return `${few} sentences in a row have failed after ${deadlineMs / 1000} s or more`;
  const alike = tried.length === few && last.every(({ why }) => why === last[0]!.why);
  return alike ? `the first ${few} sentences have failed for the same reason` : undefined;
}
