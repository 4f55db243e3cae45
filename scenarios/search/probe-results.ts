/** A trial that a search asks for. A `scout` is short and decides nothing but where to look. */
export interface Probe {
  purpose: "scout" | "decide";
  rung: number;
  /** Messages that are to be measured, at least. */
  messages: number;
  /** How often it has been tried before because what was seen could not be used. */
  again: number;
}

/**
 * What a probe saw: the objective kept, or missed, or missed where the `generator` was at its limit, or a `broken` trial that measured
 * nothing.
 */
export type Verdict = "kept" | "missed" | "generator" | "broken";

/** What became of a probe. Worth another try: too few messages (`thin`), or a disturbance that may not come back (`disturbed`). */
export interface Seen {
  probe: Probe;
  verdict: Verdict;
  thin: boolean;
  disturbed: boolean;
}

/** Without those that were tried again. */
export function counted<S extends Seen>(seen: readonly S[]): S[] {
  return seen.filter((_, i) => (seen[i + 1]?.probe.again ?? 0) === 0);
}

/** The votes at a rung that count for what is said of it: not those of scouts, unless there are no others. */
export function votesAt<S extends Seen>(seen: readonly S[], rung: number | undefined): S[] {
  const here = counted(seen).filter(({ probe }) => probe.rung === rung);
  const deciding = here.filter(({ probe }) => probe.purpose !== "scout");
  return deciding.length > 0 ? deciding : here;
}

/** What is said of a rung: all of three trials kept it, or none did; or some did and some did not, and it is luck. */
export type Decision = "kept" | "missed" | "mixed";

/** Trials that have to agree. Two of three could agree by luck where half of them keep it, which near a limit is so over many rungs. */
const unanimous = 3;

/** The rungs that are decided. */
export function decisions(votes: readonly Seen[]): Map<number, Decision> {
  const found = new Map<number, Decision>();
  for (const { probe } of votes) {
    const { keeps, misses } = poll(votes, probe.rung);
    if (keeps > 0 && misses > 0) found.set(probe.rung, "mixed");
    else if (keeps >= unanimous) found.set(probe.rung, "kept");
    else if (misses >= unanimous) found.set(probe.rung, "missed");
  }
  return found;
}

/** The highest rung that was kept, and the lowest above it that was not. */
interface Bracket {
  kept: number | undefined;
  missed: number | undefined;
}

/** The rungs around the limit: the lowest that missed, and the highest that was kept below every one that was not. */
export function bracket(rungs: ReadonlyMap<number, Decision>): Bracket {
  const lowest = (...wanted: Decision[]): number =>
    Math.min(...[...rungs].filter(([, each]) => wanted.includes(each)).map(([rung]) => rung));
  const missed = lowest("missed");
  const doubtful = lowest("missed", "mixed");
  const kept = Math.max(
    ...[...rungs].filter(([rung, each]) => each === "kept" && rung < doubtful).map(([rung]) => rung),
  );
  return { kept: kept >= 0 ? kept : undefined, missed: missed < Infinity ? missed : undefined };
}

/** What each rung that was tried looks like: as it was decided, or else as a scout saw it, who is right about half of the mixed ones. */
export function hints(votes: readonly Seen[]): Map<number, Decision> {
  const scouts = votes.filter(({ probe }) => probe.purpose === "scout");
  return new Map([
    ...scouts.map(({ probe, verdict }) => [probe.rung, verdict === "kept" ? "kept" : "missed"] as const),
    ...[...decisions(votes)].filter(([, decision]) => decision !== "mixed"),
  ]);
}

/** How many trials that decide kept a rung, and how many did not. */
function poll(votes: readonly Seen[], rung: number) {
  const cast = votes.filter(({ probe }) => probe.purpose === "decide" && probe.rung === rung);
  const keeps = cast.filter(({ verdict }) => verdict === "kept").length;
  return { keeps, misses: cast.length - keeps };
}

/** What most of those that did not keep it saw; undefined where all did. */
export function mostOf(votes: readonly Seen[]): Verdict | undefined {
  const times = (verdict: Verdict): number => votes.filter((vote) => vote.verdict === verdict).length;
  return (["missed", "generator", "broken"] as const).filter(times).toSorted((a, b) => times(b) - times(a))[0];
}
