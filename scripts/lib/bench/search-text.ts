import type { Row } from "../../../results/model/columns.ts";
import { milliseconds } from "../../../results/text/text-table.ts";
import { latencyUs, type Objective } from "../../../scenarios/search/objective.ts";
import type { Outcome, Range } from "../../../scenarios/search/search.ts";
import { votesAt, type Seen } from "../../../scenarios/search/probe-results.ts";
import type { Processes } from "../../../scenarios/capacity/process-plan.ts";

/** A search for one transport: what it looks for, where, and what it has seen so far, with the row of each probe. */
export interface Search {
  /** What the transport is called. */
  name: string;
  objective: Objective;
  over: "rate" | "clients";
  rungs: readonly number[];
  range: Range;
  /** The latency, in milliseconds, that the protocol alone brings the percentile to; 0 where it waits for nothing. */
  floorMs: number;
  /** The processes that its trials take with so many clients. */
  processes: (clients: number) => Processes;
  seen: Sighting[];
}

/** What a probe saw, with its row. */
export interface Sighting extends Seen {
  row: Row;
}

/** A rung as a person reads it: 105/s, or 1,050 clients. */
export function rungText({ over, rungs }: Pick<Search, "over" | "rungs">, rung: number): string {
  const value = rungs[rung]!.toLocaleString("en");
  return over === "rate" ? `${value}/s` : `${value} client${value === "1" ? "" : "s"}`;
}

/** The objective as a person writes it. */
export function objectiveText({ name, limitMs }: Objective): string {
  return `${name}=${limitMs}ms`;
}

/** What decides about a row: its latency at the objective's percentile, and what was lost. */
export function sightText(row: Row, objective: Objective): string {
  const lost = row.lost ? ` and ${row.lost.toLocaleString("en")} of ${row.expected?.toLocaleString("en")} lost` : "";
  return `${objective.name} ${milliseconds(latencyUs(row, objective))} ms${lost}`;
}

/** What is to be said of an answer beside its numbers; empty where they say it all. */
export function sentences(search: Search, found: Outcome): string {
  const votes = [...votesAt(search.seen, found.kept), ...votesAt(search.seen, found.missed)];
  const deciding = votes.filter(({ probe }) => probe.purpose !== "scout");
  const disturbed = deciding.filter((vote) => vote.disturbed).length;
  const thin = deciding.filter((vote) => vote.thin).length;
  const doubts = [
    disturbed && `${disturbed} of its trials stayed suspect when tried again: read their reasons.`,
    thin && `In ${thin} of its trials fewer than 10 messages reached the percentile.`,
  ];
  return [sayings[found.answer](search, found), ...doubts].filter(Boolean).join(" ");
}

const sayings: Record<Outcome["answer"], (search: Search, found: Outcome) => string> = {
  found: (search, found) => (found.because === "broken" ? `At ${at(search, found.missed)} ${why(search, found)}.` : ""),
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
    `${found.scouted ? ", in short trials that decide nothing" : ""}.`,
};

function at(search: Search, rung: number | undefined): string {
  return rung === undefined ? "nothing" : rungText(search, rung);
}

function tried(search: Search, { missed }: Outcome): string {
  return `${at(search, missed)}${missed === 0 ? ", the lowest tried," : ""}`;
}

/** Why most of the probes at the lowest rung that missed did so. */
function why({ seen, objective }: Search, { missed, because }: Outcome): string {
  const rows = votesAt(seen, missed)
    .filter(({ verdict }) => verdict === because)
    .map(({ row }) => row);
  if (because === "generator") return "the generator was the limit: give more --workers";
  if (because === "broken") return `trials broke: ${rows[0]?.error ?? rows[0]?.reasons}`.replace(/\.$/, "");
  return `trials saw ${rows.map((row) => sightText(row, objective)).join(", ")}`;
}
