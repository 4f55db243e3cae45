/** A trial that a search asks for. A `scout` is short and decides nothing but where to look. */
export interface Probe {
  purpose: "coarse" | "decide";
  step: number;
  /** Messages that are to be measured, at least. */
  messages: number;
  /** How often it has been tried before because what was seen could not be used. */
  isRetry: number;
}

/**
 * What a probe saw: the objective kept, or missed, or missed where the `generator` was at its limit, or a `broken` trial that measured
 * nothing.
 */
export type ProbeVerdict = "kept" | "missed" | "generator" | "broken";

/** What became of a probe. Worth another try: too few messages (`thin`), or a disturbance that may not come back (`disturbed`). */
export interface ProbeResult {
  probe: Probe;
  verdict: ProbeVerdict;
  tooFewSamples: boolean;
  retryable: boolean;
}

/** Without those that were tried again. */
export function decisive<S extends ProbeResult>(seen: readonly S[]): S[] {
  return seen.filter((_, i) => (seen[i + 1]?.probe.isRetry ?? 0) === 0);
}

/** The votes at a rung that count for what is said of it: not those of scouts, unless there are no others. */
export function resultsAt<S extends ProbeResult>(seen: readonly S[], step: number | undefined): S[] {
  const here = decisive(seen).filter(({ probe }) => probe.step === step);
  const deciding = here.filter(({ probe }) => probe.purpose !== "coarse");
  return deciding.length > 0 ? deciding : here;
}

/** What is said of a rung: all of three trials kept it, or none did; or some did and some did not, and it is luck. */
export type Decision = "kept" | "missed" | "mixed";

/** Trials that have to agree. Two of three could agree by luck where half of them keep it, which near a limit is so over many rungs. */
const unanimous = 3;

/** The rungs that are decided. */
export function decisions(votes: readonly ProbeResult[]): Map<number, Decision> {
  const found = new Map<number, Decision>();
  for (const { probe } of votes) {
    const { keeps, misses } = poll(votes, probe.step);
    if (keeps > 0 && misses > 0) found.set(probe.step, "mixed");
    else if (keeps >= unanimous) found.set(probe.step, "kept");
    else if (misses >= unanimous) found.set(probe.step, "missed");
  }
  return found;
}

/** The highest rung that was kept, and the lowest above it that was not. */
interface Bracket {
  kept: number | undefined;
  missed: number | undefined;
}

/** The rungs around the limit: the lowest that missed, and the highest that was kept below every one that was not. */
export function bracket(steps: ReadonlyMap<number, Decision>): Bracket {
  const lowest = (...wanted: Decision[]): number =>
    Math.min(...[...steps].filter(([, each]) => wanted.includes(each)).map(([step]) => step));
  const missed = lowest("missed");
  const doubtful = lowest("missed", "mixed");
  const kept = Math.max(
    ...[...steps].filter(([step, each]) => each === "kept" && step < doubtful).map(([step]) => step),
  );
  return { kept: kept >= 0 ? kept : undefined, missed: missed < Infinity ? missed : undefined };
}

/** What each rung that was tried looks like: as it was decided, or else as a scout saw it, who is right about half of the mixed ones. */
export function coarseDecisions(votes: readonly ProbeResult[]): Map<number, Decision> {
  const scouts = votes.filter(({ probe }) => probe.purpose === "coarse");
  return new Map([
    ...scouts.map(({ probe, verdict }) => [probe.step, verdict === "kept" ? "kept" : "missed"] as const),
    ...[...decisions(votes)].filter(([, decision]) => decision !== "mixed"),
  ]);
}

/** How many trials that decide kept a rung, and how many did not. */
function poll(votes: readonly ProbeResult[], step: number) {
  const cast = votes.filter(({ probe }) => probe.purpose === "decide" && probe.step === step);
  const keeps = cast.filter(({ verdict }) => verdict === "kept").length;
  return { keeps, misses: cast.length - keeps };
}

/** What most of those that did not keep it saw; undefined where all did. */
export function majority(votes: readonly ProbeResult[]): ProbeVerdict | undefined {
  const times = (verdict: ProbeVerdict): number => votes.filter((vote) => vote.verdict === verdict).length;
  return (["missed", "generator", "broken"] as const).filter(times).toSorted((a, b) => times(b) - times(a))[0];
}
