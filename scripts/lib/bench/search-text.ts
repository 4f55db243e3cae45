import type { Row } from "../../../results/model/columns.ts";
import { formatMilliseconds } from "../../../results/text/text-table.ts";
import { objectiveLatencyUs, type Objective } from "../../../scenarios/search/objective.ts";
import type { SearchOutcome, SearchRange } from "../../../scenarios/search/search.ts";
import { resultsAt, type ProbeResult } from "../../../scenarios/search/probe-results.ts";
import type { ProcessCounts } from "../../../scenarios/capacity/process-plan.ts";

/** A search for one transport: what it looks for, where, and what it has seen so far, with the row of each probe. */
export interface TransportSearch {
  /** What the transport is called. */
  name: string;
  objective: Objective;
  over: "rate" | "clients";
  rungs: readonly number[];
  range: SearchRange;
  /** The latency, in milliseconds, that the protocol alone brings the percentile to; 0 where it waits for nothing. */
  floorMs: number;
  /** The processes that its trials take with so many clients. */
  processes: (clients: number) => ProcessCounts;
  seen: RowProbe[];
}

/** What a probe saw, with its row. */
export interface RowProbe extends ProbeResult {
  row: Row;
}

/** A rung as a person reads it: 105/s, or 1,050 clients. */
export function stepText({ over, rungs: steps }: Pick<TransportSearch, "over" | "rungs">, step: number): string {
  const value = steps[step]!.toLocaleString("en");
  return over === "rate" ? `${value}/s` : `${value} client${value === "1" ? "" : "s"}`;
}

/** The objective as a person writes it. */
export function objectiveText({ name, limitMs }: Objective): string {
  return `${name}=${limitMs}ms`;
}

/** What decides about a row: its latency at the objective's percentile, and what was lost. */
export function probeText(row: Row, objective: Objective): string {
  const lost = row.lost ? ` and ${row.lost.toLocaleString("en")} of ${row.expected?.toLocaleString("en")} lost` : "";
  return `${objective.name} ${formatMilliseconds(objectiveLatencyUs(row, objective))} ms${lost}`;
}

/** What is to be said of an answer beside its numbers; empty where they say it all. */
export function searchNotes(search: TransportSearch, found: SearchOutcome): string {
  const votes = [...resultsAt(search.seen, found.kept), ...resultsAt(search.seen, found.missed)];
  const deciding = votes.filter(({ probe }) => probe.purpose !== "coarse");
  const disturbed = deciding.filter((vote) => vote.retryable).length;
  const thin = deciding.filter((vote) => vote.tooFewSamples).length;
  const doubts = [
    disturbed && `${disturbed} of its trials stayed suspect when tried again: read their reasons.`,
    thin && `In ${thin} of its trials fewer than 10 messages reached the percentile.`,
  ];
  return [sayings[found.answer](search, found), ...doubts].filter(Boolean).join(" ");
}

const sayings: Record<SearchOutcome["answer"], (search: TransportSearch, found: SearchOutcome) => string> = {
  found: (search, found) =>
    found.missReason === "broken" ? `At ${at(search, found.missed)} ${why(search, found)}.` : "",
  "at least": (search, found) =>
    `At least ${at(search, found.kept)}: ` +
    (found.missed === undefined
      ? "it is the highest that can be tried."
      : `at ${at(search, found.missed)} ${why(search, found)}.`),
  "no rate": (search, found) => {
    const { objective, over, floorMs } = search;
    const floor = floorMs > objective.limitMs ? ` (waiting for the next ask alone makes it ${floorMs} ms)` : "";
    const what = over === "rate" ? "rate" : "number of clients";
    return `No ${what} keeps ${objectiveText(objective)}: at ${tried(search, found)} ${why(search, found)}${floor}.`;
  },
  "not measured": (search, found) => `Not measured: at ${tried(search, found)} ${why(search, found)}.`,
  "not finished": (search, found) =>
    `Not finished: so far ${at(search, found.kept)} kept it and ${at(search, found.missed)} missed it` +
    `${found.coarseOnly ? ", in short trials that decide nothing" : ""}.`,
};

function at(search: TransportSearch, step: number | undefined): string {
  return step === undefined ? "nothing" : stepText(search, step);
}

function tried(search: TransportSearch, { missed }: SearchOutcome): string {
  return `${at(search, missed)}${missed === 0 ? ", the lowest tried," : ""}`;
}

/** Why most of the probes at the lowest rung that missed did so. */
function why({ seen, objective }: TransportSearch, { missed, missReason }: SearchOutcome): string {
  const rows = resultsAt(seen, missed)
    .filter(({ verdict }) => verdict === missReason)
    .map(({ row }) => row);
  if (missReason === "generator") return "the generator was the limit: give more --workers";
  if (missReason === "broken") return `trials broke: ${rows[0]?.error ?? rows[0]?.reasons}`.replace(/\.$/, "");
  return `trials saw ${rows.map((row) => probeText(row, objective)).join(", ")}`;
}
