/** A trial that a search asks for. A `scout` is short and decides nothing but where to look. */
export interface Probe {
  purpose: "scout" | "decide" | "confirm";
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

/** The highest rung that was kept, and the lowest above it that was not. */
interface Bracket {
  kept: number | undefined;
  missed: number | undefined;
}

/** The rungs around the limit: the lowest that missed, and the highest below it that was kept. */
export function bracket(rungs: ReadonlyMap<number, boolean>): Bracket {
  const those = (wanted: boolean): number[] => [...rungs].filter(([, kept]) => kept === wanted).map(([rung]) => rung);
  const missed = those(false).length > 0 ? Math.min(...those(false)) : undefined;
  const below = those(true).filter((rung) => rung < (missed ?? Infinity));
  return { kept: below.length > 0 ? Math.max(...below) : undefined, missed };
}

/** Whether each rung that was tried was kept: as it was decided, or else as a scout saw it. */
export function hints(votes: readonly Seen[]): Map<number, boolean> {
  const scouts = votes.filter(({ probe }) => probe.purpose === "scout");
  return new Map([
    ...scouts.map(({ probe, verdict }) => [probe.rung, verdict === "kept"] as const),
    ...verdicts(votes),
  ]);
}

/** The rungs that are decided: by two equal votes, unless a confirmation says otherwise. */
export function verdicts(votes: readonly Seen[]): Map<number, boolean> {
  const found = new Map<number, boolean>();
  for (const { probe } of votes) {
    const { keeps, misses } = poll(votes, "decide", probe.rung);
    if (keeps >= 2 || misses >= 2) found.set(probe.rung, keeps >= 2 && poll(votes, "confirm", probe.rung).misses < 2);
  }
  return found;
}

/** How many trials for that purpose kept a rung, and how many did not. */
export function poll(votes: readonly Seen[], purpose: Probe["purpose"], rung: number) {
  const cast = votes.filter(({ probe }) => probe.purpose === purpose && probe.rung === rung);
  const keeps = cast.filter(({ verdict }) => verdict === "kept").length;
  return { keeps, misses: cast.length - keeps };
}

/** What most of those that did not keep it saw; undefined where all did. */
export function mostOf(votes: readonly Seen[]): Verdict | undefined {
  const times = (verdict: Verdict): number => votes.filter((vote) => vote.verdict === verdict).length;
  return (["missed", "generator", "broken"] as const).filter(times).toSorted((a, b) => times(b) - times(a))[0];
}
