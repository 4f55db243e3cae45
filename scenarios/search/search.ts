import { doubling } from "./grid.ts";
import {
  bracket,
  coarseDecisions,
  decisions,
  finalResults,
  mostFrequentMiss,
  resultsAt,
  type Probe,
  type ProbeResult,
  type ProbeVerdict,
} from "./probe-results.ts";

/** The range of a search. Steps are indexes of the grid; the lowest is 0. */
export interface SearchRange {
  /** The step at which to begin. */
  start: number;
  /** The highest step. */
  top: number;
  /** Messages that a deciding probe needs. */
  messages: number;
  /** True if the protocol alone makes the objective impossible. One probe that misses it is then enough. */
  forbidden: boolean;
}

/**
 * The outcome of a search. `kept` is the highest step that kept the objective, `missed` the lowest step above it that
 * did not. "not measured": the lowest step missed it for another reason than the transport's latency.
 */
export interface SearchOutcome {
  answer: "found" | "at least" | "no rate" | "not measured" | "not finished";
  kept: number | undefined;
  missed: number | undefined;
  /** True if `kept` and `missed` are from coarse probes alone. */
  coarseOnly: boolean;
  /** The most frequent verdict of the probes at `missed`; undefined if nothing missed. */
  missReason: ProbeVerdict | undefined;
}

const coarseMessages = 200;
/** Distance in steps of kept and missed at which coarse probes end. Closer steps need deciding probes. */
const closeSteps = 2;
/** Number of retries of a probe whose result is not usable. After them the result counts as it is. */
const maxRetries = { coarse: 1, decide: 2 };

/**
 * The next probe of a search after these results; undefined if the search is over. Pure.
 *
 * Coarse probes double the value, then bisect. From there, steps are decided downwards until all of three trials keep
 * the objective, then upwards until all of three miss it. Steps between these two are kept by some trials and missed by
 * others.
 */
export function nextProbe(range: SearchRange, results: readonly ProbeResult[]): Probe | undefined {
  const final = finalResults(results);
  if (isProvedImpossible(range, final)) return undefined;
  const last = results.at(-1);
  if (last && needsRetry(last)) {
    const messages = last.probe.messages * (last.tooFewSamples && last.probe.purpose === "decide" ? 2 : 1);
    return { ...last.probe, messages, retries: last.probe.retries + 1 };
  }
  const coarse = nextCoarseStep(range, final);
  if (coarse !== undefined) return { purpose: "coarse", step: coarse, messages: coarseMessages, retries: 0 };
  const step = nextDecidingStep(range, final);
  return step === undefined ? undefined : { purpose: "decide", step, messages: range.messages, retries: 0 };
}

/** The outcome of a search after these results, whether the search is over or not. Pure. */
export function outcome(range: SearchRange, results: readonly ProbeResult[]): SearchOutcome {
  const final = finalResults(results);
  const decided = bracket(decisions(final));
  const coarseOnly = decided.kept === undefined && decided.missed === undefined;
  const { kept, missed } = coarseOnly ? bracket(coarseDecisions(final)) : decided;
  const missReason = mostFrequentMiss(resultsAt(results, missed));
  const known = { kept, missed, coarseOnly, missReason };
  if (nextProbe(range, results)) return { answer: "not finished", ...known };
  if (kept === undefined) return { answer: missReason === "missed" ? "no rate" : "not measured", ...known };
  return { answer: missed === undefined || missReason === "generator" ? "at least" : "found", ...known };
}

/**
 * A disturbed probe is tried again, also a coarse one: a wrong one costs many trials. Too few messages matter only for
 * a deciding probe.
 */
function needsRetry({ probe, tooFewSamples, retryable }: ProbeResult): boolean {
  return probe.retries < maxRetries[probe.purpose] && (retryable || (tooFewSamples && probe.purpose === "decide"));
}

function isProvedImpossible({ forbidden }: SearchRange, final: readonly ProbeResult[]): boolean {
  return forbidden && final.length === 1 && final[0]!.verdict === "missed";
}

/**
 * The next step for a coarse probe: doubled or halved until there is a bracket, then its middle. A decision replaces
 * the result of a coarse probe.
 */
function nextCoarseStep({ start, top }: SearchRange, final: readonly ProbeResult[]): number | undefined {
  const { kept, missed } = bracket(coarseDecisions(final));
  if (kept === undefined && missed === undefined) return start;
  if (missed === undefined) return kept === top ? undefined : Math.min(top, kept! + doubling);
  if (kept === undefined) return missed === 0 ? undefined : Math.max(0, missed - doubling);
  return missed - kept <= closeSteps ? undefined : Math.floor((kept + missed) / 2);
}

/**
 * The next step to decide: first the one that the coarse probes kept, then steps below until one is kept, then steps
 * above until one is missed. The distance grows with the number of mixed steps: where the limit is blurred, a fine
 * answer would be chance.
 */
function nextDecidingStep({ top }: SearchRange, final: readonly ProbeResult[]): number | undefined {
  const decided = decisions(final);
  const open = final.find(({ probe }) => probe.purpose === "decide" && !decided.has(probe.step));
  if (open) return open.probe.step;
  const first = bracket(coarseDecisions(final)).kept ?? 0;
  if (!decided.has(first)) return first;
  const { kept, missed } = bracket(decided);
  const distance = Math.max(1, [...decided.values()].filter((decision) => decision === "mixed").length);
  const lowest = Math.min(...decided.keys());
  if (kept === undefined) return lowest === 0 ? undefined : Math.max(0, lowest - distance);
  const notKept = [...decided].filter(([step, decision]) => step > kept && decision !== "kept").map(([step]) => step);
  const lowestNotKept = Math.min(...notKept);
  if (lowestNotKept < Infinity && lowestNotKept - kept > distance) return lowestNotKept - distance;
  if (missed !== undefined) return undefined;
  const highest = Math.max(...decided.keys());
  return highest === top ? undefined : Math.min(top, highest + distance);
}
