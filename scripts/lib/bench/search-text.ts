import type { Row } from "../../../results/model/columns.ts";
import { countOf } from "../../../results/text/lists.ts";
import { formatMilliseconds } from "../../../results/text/text-table.ts";
import { clientsGone, objectiveLatencyUs, type Objective } from "../../../scenarios/search/objective.ts";
import type { SearchOutcome, SearchRange } from "../../../scenarios/search/search.ts";
import { doubling } from "../../../scenarios/search/grid.ts";
import { resultsAt, type ProbeResult } from "../../../scenarios/search/probe-results.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import type { ProcessCounts } from "../../../scenarios/capacity/process-plan.ts";

/** A search for one transport: objective, range, and the probes so far with their rows. */
export interface TransportSearch {
  /** Label of the transport. */
  name: string;
  objective: Objective;
  variable: "rate" | "clients";
  steps: readonly number[];
  range: SearchRange;
  /** Lowest latency at the percentile that the protocol allows, in milliseconds; 0 where nothing waits. */
  floorMs: number;
  /** Processes of a trial with this many clients. */
  processes: (clients: number) => ProcessCounts;
  results: RowProbe[];
}

/** Result of a probe, with its row. */
export interface RowProbe extends ProbeResult {
  row: Row;
}

/** A step for a person: 105/s, or 1,050 clients. */
export function stepText({ variable, steps }: Pick<TransportSearch, "variable" | "steps">, step: number): string {
  const value = steps[step]!.toLocaleString("en");
  return variable === "rate" ? `${value}/s` : `${value} client${value === "1" ? "" : "s"}`;
}

/** The objective as on the command line. */
export function objectiveText({ name, limitMs }: Objective): string {
  return `${name}=${limitMs}ms`;
}

/** The numbers of a row that decide: its latency at the objective's percentile, and its losses of messages and clients. */
export function probeText(row: Row, objective: Objective): string {
  const lost = row.lost ? ` and ${row.lost.toLocaleString("en")} of ${row.expected?.toLocaleString("en")} lost` : "";
  const gone = clientsGone(row);
  const without = gone > 0 ? ` and ${gone.toLocaleString("en")} of ${countOf(row.clients, "client")} gone` : "";
  return `${objective.name} ${formatMilliseconds(objectiveLatencyUs(row, objective))} ms${lost}${without}`;
}

/** Notes on an answer beside its numbers; empty where the numbers are enough. */
export function searchNotes(search: TransportSearch, found: SearchOutcome): string {
  const probes = [...resultsAt(search.results, found.kept), ...resultsAt(search.results, found.missed)];
  const deciding = probes.filter(({ probe }) => probe.purpose !== "coarse");
  const disturbed = deciding.filter(({ retryable }) => retryable).length;
  const unsure = deciding.filter(({ tooFewSamples }) => tooFewSamples).length;
  const notes = [
    disturbed && `${disturbed} of its trials stayed suspect after retries: see their rules.`,
    unsure && `In ${unsure} of its trials fewer than 10 messages reached the percentile.`,
  ];
  return [answerTexts[found.answer](search, found), ...notes].filter(Boolean).join(" ");
}

/** Trials of a search, as measured: 18 to 29. */
const usualTrials = 25;
/** Time that a trial takes besides its warm-up and window: processes, connects and the drain. */
const besidesMs = 5_000;

/** How long the searches take, before they begin: a trial that decides, so many times. */
export function expectedTimeText(
  transports: number,
  { warmupMs, durationMs }: Pick<Settings, "warmupMs" | "durationMs">,
  timeLimitMs: number,
): string {
  const minutes = (ms: number): string => countOf(Math.max(1, Math.round(ms / 60_000)), "minute");
  const eachMs = usualTrials * (warmupMs + durationMs + besidesMs);
  return (
    `A search takes about ${usualTrials} trials: about ${minutes(Math.min(eachMs, timeLimitMs))} for ` +
    `${transports === 1 ? "this transport" : `each of ${transports} transports`}. ` +
    `${eachMs > timeLimitMs ? "Its limit is shorter than it needs" : "Its limit"}: --time-limit ${Math.round(timeLimitMs / 1000)}s.`
  );
}

const answerTexts: Record<SearchOutcome["answer"], (search: TransportSearch, found: SearchOutcome) => string> = {
  found: (search, found) =>
    found.missReason === "broken" ? `At ${at(search, found.missed)} ${why(search, found)}.` : "",
  "at least": (search, found) =>
    `At least ${at(search, found.kept)}: ` +
    (found.missed === undefined
      ? "this is the highest possible step."
      : `at ${at(search, found.missed)} ${why(search, found)}.`),
  "no rate": (search, found) => {
    const { objective, variable, floorMs } = search;
    const floor = floorMs > objective.limitMs ? ` (waiting for the next poll alone takes ${floorMs} ms)` : "";
    const what = variable === "rate" ? "rate" : "number of clients";
    return `No ${what} meets ${objectiveText(objective)}: at ${tried(search, found)} ${why(search, found)}${floor}.`;
  },
  "not measured": (search, found) => `Not measured: at ${tried(search, found)} ${why(search, found)}.`,
  "not finished": (search, found) => {
    const { kept, missed, coarseOnly } = found;
    const known = [
      kept !== undefined && `kept ${at(search, kept)}`,
      missed !== undefined && `missed ${at(search, missed)}`,
    ].filter(Boolean);
    const trials = coarseOnly ? "short trials, which do not decide," : "three trials each";
    const begin = search.steps[kept ?? Math.max(0, (missed ?? search.range.start) - doubling)];
    return (
      `Not finished: ${known.length === 0 ? "nothing is known yet" : `${trials} ${known.join(" and ")}`}. The limit is ` +
      `not known. To go on, begin near it: --${search.variable} ${begin}, and a longer --time-limit.`
    );
  },
};

function at(search: TransportSearch, step: number | undefined): string {
  return step === undefined ? "nothing" : stepText(search, step);
}

function tried(search: TransportSearch, { missed }: SearchOutcome): string {
  return `${at(search, missed)}${missed === 0 ? ", the lowest tried," : ""}`;
}

/** Why most probes at the lowest failing step failed. */
function why({ results, objective }: TransportSearch, { missed, missReason }: SearchOutcome): string {
  const rows = resultsAt(results, missed)
    .filter(({ verdict }) => verdict === missReason)
    .map(({ row }) => row);
  if (missReason === "generator") return "the load generator was the limit: use more --workers";
  if (missReason === "broken") return `trials failed: ${rows[0]?.error ?? rows[0]?.reasons}`.replace(/\.$/, "");
  return `trials saw ${rows.map((row) => probeText(row, objective)).join(", ")}`;
}
