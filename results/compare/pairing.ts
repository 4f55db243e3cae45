import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { columnsFor, type ColumnName, type Row } from "../model/columns.ts";
import { countsInSummary, groupRepeats } from "../rows/summary.ts";
import { transportList } from "./format.ts";

/** A transport before that is set against one of another name after. */
export type Renames = readonly [before: string, after: string];

/** The repeats of one trial before and those of its partner after: only what counts, valid and suspect rows. */
export interface TransportPair {
  /** The match columns before. */
  keys: Row;
  transport: { before: string; after: string };
  before: readonly Row[];
  after: readonly Row[];
}

/** Reads `short-poll=short-poll-500ms`, several with commas between. Throws a UserError where it is anything else. */
export function parseRenames(given: string): Renames[] {
  return given.split(",").map((part) => {
    const [before, after, ...more] = part.split("=").map((name) => name.trim());
    if (!before || !after || more.length > 0)
      throw new UserError(
        `--pair "${part}" is not two transports: write the one before and the one after as short-poll=long-poll.`,
      );
    return [before, after];
  });
}

const matchColumns = columnsFor("match");

/**
 * Pairs groups of repeats whose match columns are all equal; `transport` and `client` need not be where transports are renamed. The
 * sentences say what has no partner and why. Throws a UserError where a renamed transport is not there.
 */
export function pairTransports(
  before: readonly Row[],
  after: readonly Row[],
  renamed: readonly Renames[],
): { pairs: TransportPair[]; unpaired: string[] } {
  checkNames(before, after, renamed);
  const [groups, others] = [groupRepeats(before), groupRepeats(after)];
  const [names, otherNames] = [transportList(groups.map(keysOf)), transportList(others.map(keysOf))];
  const pairs: TransportPair[] = [];
  const unpaired: string[] = [];
  const met = new Set<Row[]>();
  const transportsOf = (group: Row[]): (readonly [string, boolean])[] => {
    const renames = renamed.filter(([from]) => from === group[0]!.transport);
    return renames.length > 0 ? renames.map(([, to]) => [to, true]) : [[group[0]!.transport!, false]];
  };
  for (const [i, group] of groups.entries())
    for (const [transport, free] of transportsOf(group)) {
      const partner = nearestOf(group, others, transport, free);
      if (partner) met.add(partner.group);
      const why = partner ? reason(group, partner) : `there is no ${transport} after`;
      if (why !== undefined) unpaired.push(`${names[i]}: ${why}.`);
      else pairs.push(together(group, partner!.group));
    }
  for (const [i, group] of others.entries()) {
    const { transport } = group[0]!;
    if (met.has(group) || renamed.some(([from]) => from === transport)) continue;
    const there = before.some((row) => row.transport === transport);
    unpaired.push(`${otherNames[i]}: ${there ? "it has no partner before" : `there is no ${transport} before`}.`);
  }
  return { pairs: renamed.length > 0 ? pairs.filter((each) => !isSameRun(each)) : pairs, unpaired };
}

/** Whether both sides are the very same trials, which is so where a file is compared with itself. */
export function isSameRun({ before, after }: Pick<TransportPair, "before" | "after">): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

function keysOf(group: readonly Row[]): Row {
  return Object.fromEntries(matchColumns.map((name) => [name, group[0]![name]]));
}

function checkNames(before: readonly Row[], after: readonly Row[], renamed: readonly Renames[]): void {
  for (const names of renamed)
    for (const [i, rows] of [before, after].entries()) {
      const there = [...new Set(rows.map(({ transport }) => transport!))];
      const side = ["before", "after"][i];
      if (!there.includes(names[i]!))
        throw new UserError(
          `--pair "${names.join("=")}": there is no transport "${names[i]}" ${side}.${didYouMean(names[i]!, there)}`,
        );
    }
}

interface Partner {
  group: Row[];
  /** The match columns in which it differs; none where it is the partner. */
  differing: ColumnName[];
}

/** Of the groups of that transport the one that differs in the fewest match columns, with the same scenario before any other. */
function nearestOf(group: Row[], others: readonly Row[][], transport: string, free: boolean): Partner | undefined {
  const asked = matchColumns.filter((name) => name !== "transport" && !(free && name === "client"));
  const distance = ({ differing }: Partner): number => differing.length + (differing.includes("scenario") ? 100 : 0);
  return others
    .filter((other) => other[0]!.transport === transport)
    .map((other) => ({ group: other, differing: asked.filter((name) => other[0]![name] !== group[0]![name]) }))
    .toSorted((one, other) => distance(one) - distance(other))[0];
}

/** Why a group is not compared with the nearest there is; undefined where it is. */
function reason(group: Row[], { group: other, differing }: Partner): string | undefined {
  const told = differing.includes("scenario") ? (["scenario"] as const) : differing;
  if (told.length > 0)
    return told.map((name) => `${name} ${group[0]![name] ?? "-"} before, ${other[0]![name] ?? "-"} after`).join("; ");
  for (const [rows, side] of [[group, "before"] as const, [other, "after"] as const])
    if (!rows.some(countsInSummary))
      return `none of its ${rows.length} repeats ${side} is valid or suspect: read why in its rows`;
  return undefined;
}

function together(before: readonly Row[], after: readonly Row[]): TransportPair {
  return {
    keys: keysOf(before),
    transport: { before: before[0]!.transport!, after: after[0]!.transport! },
    before: before.filter(countsInSummary),
    after: after.filter(countsInSummary),
  };
}
