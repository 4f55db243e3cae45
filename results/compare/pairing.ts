import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { columnsFor, type ColumnName, type Row } from "../model/columns.ts";
import { countsInSummary, groupRepeats } from "../rows/summary.ts";
import { countOf, groupBy } from "../text/lists.ts";
import { labelList, trialLabels, type TrialLabel } from "./labels.ts";
import type { UnpairedTrials } from "./types.ts";

/** A transport before that is compared with one of another name after. */
export type TransportRename = readonly [before: string, after: string];

/** The repeats of one trial before and of its partner after, where it has any. */
export interface TransportPair {
  /** The match columns before. */
  keys: Row;
  transport: { before: string; after: string };
  /** Valid and suspect repeats. */
  before: readonly Row[];
  after: readonly Row[];
  /** Repeats of every status. */
  all: { before: readonly Row[]; after: readonly Row[] };
}

/** Parses `short-poll=short-poll-500ms`; several are separated by commas. Throws a UserError for anything else. */
export function parseRenames(text: string): TransportRename[] {
  return text.split(",").map((part) => {
    const [before, after, ...more] = part.split("=").map((name) => name.trim());
    if (!before || !after || more.length > 0)
      throw new UserError(
        `--pair "${part}" is not two transports. Write the one before and the one after: short-poll=long-poll.`,
      );
    return [before, after];
  });
}

const matchColumns = columnsFor("match");

/**
 * Pairs groups of repeats whose match columns are all equal. A transport that was not measured after is in a pair
 * without repeats after. Where transports are renamed, `transport` and `client` may differ, and a library may reconnect
 * in its own way. `unpaired` has a sentence
 * for each reason why trials have no partner. Throws a UserError where a renamed transport does not exist.
 */
export function pairTransports(
  before: readonly Row[],
  after: readonly Row[],
  renames: readonly TransportRename[],
): { pairs: TransportPair[]; unpaired: UnpairedTrials[] } {
  checkNames(before, after, renames);
  const [groups, others] = [groupRepeats(before), groupRepeats(after)];
  const [labels, otherLabels] = [trialLabels(groups.map(keysOf)), trialLabels(others.map(keysOf))];
  const wanted = groups.flatMap((group, i) =>
    targetsOf(group, renames).map((target) => {
      const nearest = nearestOf(group, others, target);
      return { group, label: labels[i]!, target, partner: nearest?.differing.length === 0 ? nearest : undefined };
    }),
  );
  // The partner of one trial is no candidate for another.
  const partners = new Set(wanted.map(({ partner }) => partner?.group));
  const strangers = others.filter((group) => !partners.has(group));
  const pairs: TransportPair[] = [];
  const unpaired: Unpaired[] = [];
  const matched = new Set<Row[]>();
  for (const { group, label, target, partner } of wanted) {
    const candidate = partner ?? nearestOf(group, strangers, target);
    if (candidate) matched.add(candidate.group);
    const why = whyUnpaired(group, candidate);
    if (why === undefined) pairs.push(makePair(group, target.transport, candidate?.group ?? []));
    else unpaired.push({ label, why, onlyAfter: false });
  }
  for (const [i, group] of others.entries()) {
    const { transport } = group[0]!;
    if (matched.has(group) || renames.some(([from]) => from === transport)) continue;
    const exists = before.some((row) => row.transport === transport);
    unpaired.push({
      label: otherLabels[i]!,
      why: exists ? "no partner before" : "not measured before",
      onlyAfter: true,
    });
  }
  return {
    pairs: renames.length > 0 ? pairs.filter((each) => !isSameRun(each)) : pairs,
    unpaired: groupBy(unpaired, ({ why }) => why).map(([why, group]) => ({
      sentence: `${labelList(group.map(({ label }) => label))}: ${why}.`,
      onlyAfter: group[0]!.onlyAfter,
    })),
  };
}

/** True if both sides are the same trials, as in a comparison of a file with itself. */
export function isSameRun({ before, after }: Pick<TransportPair, "before" | "after">): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

interface Unpaired {
  label: TrialLabel;
  why: string;
  onlyAfter: boolean;
}

function keysOf(group: readonly Row[]): Row {
  return Object.fromEntries(matchColumns.map((name) => [name, group[0]![name]]));
}

function checkNames(before: readonly Row[], after: readonly Row[], renames: readonly TransportRename[]): void {
  for (const names of renames)
    for (const [i, rows] of [before, after].entries()) {
      const known = [...new Set(rows.map(({ transport }) => transport!))];
      const side = ["before", "after"][i];
      if (!known.includes(names[i]!))
        throw new UserError(
          `--pair "${names.join("=")}": there is no transport "${names[i]}" ${side}.${didYouMean(names[i]!, known)}`,
        );
    }
}

/** A transport after that a group is compared with. */
interface Target {
  transport: string;
  /** True if the client library may differ. */
  anyClient: boolean;
}

function targetsOf(group: readonly Row[], renames: readonly TransportRename[]): Target[] {
  const { transport } = group[0]!;
  const renamed = renames.filter(([from]) => from === transport);
  if (renamed.length === 0) return [{ transport: transport!, anyClient: false }];
  return renamed.map(([, to]) => ({ transport: to, anyClient: true }));
}

interface Candidate {
  group: Row[];
  /** The match columns in which it differs; none where it is the partner. */
  differing: ColumnName[];
}

/**
 * The group of the target transport that differs in the fewest match columns. The same scenario goes before any other.
 */
function nearestOf(group: Row[], others: readonly Row[][], { transport, anyClient }: Target): Candidate | undefined {
  const compared = matchColumns.filter((name) => name !== "transport" && !(anyClient && name === "client"));
  const differs = (name: ColumnName, other: Row): boolean =>
    other[name] !== group[0]![name] && !(anyClient && name === "reconnect" && isByLibrary(other, group[0]!));
  const distance = ({ differing }: Candidate): number => differing.length + (differing.includes("scenario") ? 100 : 0);
  return others
    .filter((other) => other[0]!.transport === transport)
    .map((other) => ({ group: other, differing: compared.filter((name) => differs(name, other[0]!)) }))
    .toSorted((one, other) => distance(one) - distance(other))[0];
}

/** True where the library of either transport decides when a client connects again. */
function isByLibrary(...rows: readonly Row[]): boolean {
  return rows.some(({ reconnect }) => reconnect === "library");
}

/** Why a group is not compared with its nearest candidate; undefined where it is, or where it is gone. */
function whyUnpaired(group: Row[], candidate: Candidate | undefined): string | undefined {
  const differing = candidate?.differing ?? [];
  const named = differing.includes("scenario") ? (["scenario"] as const) : differing;
  if (named.length > 0)
    return named
      .map((name) => `${name} ${group[0]![name] ?? "-"} before, ${candidate!.group[0]![name] ?? "-"} after`)
      .join("; ");
  if (group.some(countsInSummary)) return undefined;
  return `no valid or suspect repeat before (of ${countOf(group.length, "repeat")}), see the reasons in its rows`;
}

function makePair(before: readonly Row[], transportAfter: string, after: readonly Row[]): TransportPair {
  return {
    keys: keysOf(before),
    transport: { before: before[0]!.transport!, after: transportAfter },
    before: before.filter(countsInSummary),
    after: after.filter(countsInSummary),
    all: { before, after },
  };
}
