/** A trial that a search asks for. A coarse probe is short and only shows where to decide. */
export interface Probe {
  purpose: "coarse" | "decide";
  /** Index of the value in the grid. */
  step: number;
  /** Least number of messages to measure. */
  messages: number;
  /** Number of earlier tries of this probe whose result was not usable. */
  retries: number;
}

/**
 * The result of a probe: the objective was kept, or missed, or missed since the load `generator` was at its limit, or
 * the trial was `broken` and measured nothing.
 */
export type ProbeVerdict = "kept" | "missed" | "generator" | "broken";

/** A probe with its result. */
export interface ProbeResult {
  probe: Probe;
  verdict: ProbeVerdict;
  /** True if too few messages reached the percentile. */
  tooFewSamples: boolean;
  /** True if a disturbance that may not come back made the trial slower. */
  retryable: boolean;
}

/** The results without those whose probe was tried again. */
export function finalResults<R extends ProbeResult>(results: readonly R[]): R[] {
  return results.filter((_, i) => (results[i + 1]?.probe.retries ?? 0) === 0);
}

/**
 * The results at a step on which its decision rests: those of deciding probes, or of coarse probes if there are no
 * others.
 */
export function resultsAt<R extends ProbeResult>(results: readonly R[], step: number | undefined): R[] {
  const here = finalResults(results).filter(({ probe }) => probe.step === step);
  const deciding = here.filter(({ probe }) => probe.purpose === "decide");
  return deciding.length > 0 ? deciding : here;
}

/**
 * The decision about a step: all of three trials kept the objective, or none did. "mixed": some did, so a step near it
 * is due to chance.
 */
export type Decision = "kept" | "missed" | "mixed";

/**
 * Trials that have to agree. Two of three could agree by chance at a step that half of all trials keep, and near a
 * limit many steps are like that.
 */
const unanimous = 3;

/** The decided steps. */
export function decisions(results: readonly ProbeResult[]): Map<number, Decision> {
  const decided = new Map<number, Decision>();
  for (const { probe } of results) {
    const { kept, notKept } = countDeciding(results, probe.step);
    if (kept > 0 && notKept > 0) decided.set(probe.step, "mixed");
    else if (kept >= unanimous) decided.set(probe.step, "kept");
    else if (notKept >= unanimous) decided.set(probe.step, "missed");
  }
  return decided;
}

/** The steps on both sides of a limit. */
interface Bracket {
  kept: number | undefined;
  missed: number | undefined;
}

/** The lowest step that was missed, and the highest kept step below every step that was not kept. */
export function bracket(decided: ReadonlyMap<number, Decision>): Bracket {
  const lowest = (...wanted: Decision[]): number =>
    Math.min(...[...decided].filter(([, decision]) => wanted.includes(decision)).map(([step]) => step));
  const missed = lowest("missed");
  const notKept = lowest("missed", "mixed");
  const kept = Math.max(
    ...[...decided].filter(([step, decision]) => decision === "kept" && step < notKept).map(([step]) => step),
  );
  return { kept: kept >= 0 ? kept : undefined, missed: missed < Infinity ? missed : undefined };
}

/**
 * A decision about each step that was tried: the decision of three trials, or else the result of a coarse probe, also
 * for mixed steps.
 */
export function coarseDecisions(results: readonly ProbeResult[]): Map<number, Decision> {
  const coarse = results.filter(({ probe }) => probe.purpose === "coarse");
  return new Map([
    ...coarse.map(({ probe, verdict }) => [probe.step, verdict === "kept" ? "kept" : "missed"] as const),
    ...[...decisions(results)].filter(([, decision]) => decision !== "mixed"),
  ]);
}

/** Numbers of deciding trials that kept the objective at a step, and that did not. */
function countDeciding(results: readonly ProbeResult[], step: number) {
  const deciding = results.filter(({ probe }) => probe.purpose === "decide" && probe.step === step);
  const kept = deciding.filter(({ verdict }) => verdict === "kept").length;
  return { kept, notKept: deciding.length - kept };
}

/** The most frequent verdict of the results that did not keep the objective; undefined if all did. */
export function mostFrequentMiss(results: readonly ProbeResult[]): ProbeVerdict | undefined {
  const count = (verdict: ProbeVerdict): number => results.filter((result) => result.verdict === verdict).length;
  return (["missed", "generator", "broken"] as const).filter(count).toSorted((a, b) => count(b) - count(a))[0];
}
