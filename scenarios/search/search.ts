import { doubling } from "./grid.ts";
import {
  bracket,
  decisive,
  decisions,
  coarseDecisions,
  majority,
  resultsAt,
  type Probe,
  type ProbeResult,
  type ProbeVerdict,
} from "./probe-results.ts";

/** Where to search. */
export interface SearchRange {
  /** The rung to begin at and the highest there is; the lowest is 0. */
  start: number;
  top: number;
  /** Messages that a probe needs to decide. */
  messages: number;
  /** Whether the protocol alone forbids what is asked for: then one probe that misses it is the proof. */
  forbidden: boolean;
}

/**
 * What a search has found: `kept` is the highest rung that passed, `missed` the lowest above it that did not. `not measured`: the lowest
 * rung missed for a reason that is not the transport's latency. `scouted`: the rungs are only those of scouts.
 */
export interface SearchOutcome {
  answer: "found" | "at least" | "no rate" | "not measured" | "not finished";
  kept: number | undefined;
  missed: number | undefined;
  coarseOnly: boolean;
  /** What most of the probes that missed it saw; undefined where nothing missed. */
  because: ProbeVerdict | undefined;
}

const scoutMessages = 200;
/** Scouts stop when what they kept and missed is so many rungs apart: trials that decide see more than they do. */
const closeRungs = 2;
/** A probe that could not be used is tried again so often, then taken as it is. */
const triesAgain = { coarse: 1, decide: 2 };

/**
 * What to try after what was seen; undefined where the search is over. Pure. Scouts look in doublings, then in halves. From where they lead,
 * rungs are decided downwards until one is kept by all of three trials, then upwards until one is missed by all of three; what lies between
 * is kept by some and missed by others.
 */
export function nextProbe(range: SearchRange, seen: readonly ProbeResult[]): Probe | undefined {
  const votes = decisive(seen);
  if (impossible(range, votes)) return undefined;
  const last = seen.at(-1);
  if (last && worthAnother(last)) {
    const messages = last.probe.messages * (last.tooFewSamples && last.probe.purpose !== "coarse" ? 2 : 1);
    return { ...last.probe, messages, isRetry: last.probe.isRetry + 1 };
  }
  const scout = nextCoarse(range, votes);
  if (scout !== undefined) return { purpose: "coarse", step: scout, messages: scoutMessages, isRetry: 0 };
  const next = nextDecision(range, votes);
  return next && { ...next, messages: range.messages, isRetry: 0 };
}

/** What is known after what was seen, whether the search is over or was ended. Pure. */
export function outcome(range: SearchRange, seen: readonly ProbeResult[]): SearchOutcome {
  const votes = decisive(seen);
  const decided = bracket(decisions(votes));
  const scouted = decided.kept === undefined && decided.missed === undefined;
  const { kept, missed } = scouted ? bracket(coarseDecisions(votes)) : decided;
  const because = majority(resultsAt(seen, missed));
  const known = { kept, missed, coarseOnly: scouted, because };
  if (nextProbe(range, seen)) return { answer: "not finished", ...known };
  if (kept === undefined) return { answer: because === "missed" ? "no rate" : "not measured", ...known };
  return { answer: missed === undefined || because === "generator" ? "at least" : "found", ...known };
}

/** A scout need not be sure of its percentile; one that was led astray costs many trials. */
function worthAnother({ probe, tooFewSamples, retryable }: ProbeResult): boolean {
  return probe.isRetry < triesAgain[probe.purpose] && (retryable || (tooFewSamples && probe.purpose !== "coarse"));
}

function impossible({ forbidden }: SearchRange, votes: readonly ProbeResult[]): boolean {
  return forbidden && votes.length === 1 && votes[0]!.verdict === "missed";
}

/** Upwards or downwards in octaves until there is a bracket, then in halves. A scout that a decision contradicts is not believed. */
function nextCoarse({ start, top }: SearchRange, votes: readonly ProbeResult[]): number | undefined {
  const { kept, missed } = bracket(coarseDecisions(votes));
  if (kept === undefined && missed === undefined) return start;
  if (missed === undefined) return kept === top ? undefined : Math.min(top, kept! + doubling);
  if (kept === undefined) return missed === 0 ? undefined : Math.max(0, missed - doubling);
  return missed - kept <= closeRungs ? undefined : Math.floor((kept + missed) / 2);
}

/**
 * First the rung that the scouts lead to, then those below it until one is kept, then those above until one is missed. The more rungs are
 * mixed, the longer the steps: where the limit is blurred, a fine answer would be luck.
 */
function nextDecision(
  { top }: SearchRange,
  votes: readonly ProbeResult[],
): Pick<Probe, "purpose" | "step"> | undefined {
  const decide = (step: number) => ({ purpose: "decide", step: step }) as const;
  const decided = decisions(votes);
  const open = votes.find(({ probe }) => probe.purpose === "decide" && !decided.has(probe.step));
  if (open) return decide(open.probe.step);
  const hint = bracket(coarseDecisions(votes)).kept ?? 0;
  if (!decided.has(hint)) return decide(hint);
  const { kept, missed } = bracket(decided);
  const step = Math.max(1, [...decided.values()].filter((each) => each === "mixed").length);
  const lowest = Math.min(...decided.keys());
  if (kept === undefined) return lowest === 0 ? undefined : decide(Math.max(0, lowest - step));
  const doubtful = [...decided].filter(([at, each]) => at > kept && each !== "kept").map(([at]) => at);
  const floor = Math.min(...doubtful);
  if (floor < Infinity && floor - kept > step) return decide(floor - step);
  if (missed !== undefined) return undefined;
  const highest = Math.max(...decided.keys());
  return highest === top ? undefined : decide(Math.min(top, highest + step));
}
