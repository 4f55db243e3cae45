import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { Row } from "../../../results/model/columns.ts";
import { formatCsvLine } from "../../../results/files/csv.ts";
import { presentNames, presentText } from "../../../results/files/older-version.ts";
import { mostFrequent } from "../../../results/rows/summary.ts";
import {
  formatCount,
  textTable,
  formatMilliseconds,
  formatNumber,
  wrapText,
  type TextColumn,
} from "../../../results/text/text-table.ts";
import { median } from "../../../results/statistics/median.ts";
import { objectiveLatencyUs } from "../../../scenarios/search/objective.ts";
import { outcome } from "../../../scenarios/search/search.ts";
import { resultsAt } from "../../../scenarios/search/probe-results.ts";
import { objectiveText, searchNotes, type TransportSearch, type RowProbe } from "./search-text.ts";

/** Every column of the file that a search leaves beside its CSV, in order. */
export const searchColumns = {
  run_id: { type: "text", meaning: "Run that the line belongs to." },
  build: { type: "text", meaning: "Version of the project." },
  scenario: { type: "text", meaning: "Name of the scenario." },
  transport: { type: "text", meaning: "Name of the transport." },
  objective: { type: "text", meaning: "The objective. No message may be lost either." },
  searched: { type: "text", meaning: "What was increased: rate (messages per second, over all senders) or clients." },
  answer: { type: "text", meaning: "found, at least, no rate, not measured or not finished." },
  kept: { type: "number", meaning: "Highest value that met the objective in all of three trials." },
  missed: { type: "number", meaning: "Lowest value above it that failed." },
  kept_latency_us: {
    type: "number",
    meaning: "Latency at the percentile where the objective was met, median of the trials.",
  },
  missed_latency_us: { type: "number", meaning: "Latency at the percentile where it failed." },
  kept_deliveries_per_s: { type: "number", meaning: "Deliveries per second where it was met." },
  kept_server_cpu_us_per_delivery: { type: "number", meaning: "CPU time of the server per delivery where it was met." },
  missed_bottleneck: {
    type: "text",
    formerly: "missed_limited_by",
    meaning: "Process at its limit where it failed, in most trials.",
  },
  trials: { type: "number", meaning: "Number of trials of this transport." },
  notes: { type: "text", formerly: "says", meaning: "Notes on the answer." },
} satisfies Record<string, { type: "text" | "number"; formerly?: string; meaning: string }>;

/** Result for one transport: a line of that file. Undefined is an empty cell. */
export type SearchResult = {
  [K in keyof typeof searchColumns]: ((typeof searchColumns)[K]["type"] extends "number" ? number : string) | undefined;
};

/** Result of a search, also of an unfinished one. Undefined without a trial. */
export function searchResult(search: TransportSearch): SearchResult | undefined {
  const { name, objective, variable, steps, range, results } = search;
  const [first] = results;
  if (!first) return undefined;
  const found = outcome(range, results);
  // Short trials do not decide: what they kept and missed is in the notes only.
  const proven = found.coarseOnly && found.answer === "not finished" ? {} : { kept: found.kept, missed: found.missed };
  const [kept, missed] = [resultsAt(results, proven.kept), resultsAt(results, proven.missed)];
  const latency = (row: Row): number | undefined => objectiveLatencyUs(row, objective);
  return {
    run_id: first.row.run_id,
    build: first.row.build,
    scenario: first.row.scenario,
    transport: name,
    objective: objectiveText(objective),
    searched: variable,
    answer: found.answer,
    kept: steps[proven.kept ?? -1],
    missed: steps[proven.missed ?? -1],
    kept_latency_us: middle(kept, latency),
    missed_latency_us: middle(missed, latency),
    kept_deliveries_per_s: middle(kept, (row) => row.deliveries_per_s),
    kept_server_cpu_us_per_delivery: middle(kept, (row) => row.server_cpu_us_per_delivery),
    missed_bottleneck: mostFrequent(missed.map(({ row }) => row.bottleneck).filter((each) => each !== undefined)),
    trials: results.length,
    notes: searchNotes(search, found),
  };
}

/** The results as a CSV with its header. */
export function searchCsv(results: readonly SearchResult[]): string {
  return [
    formatCsvLine<SearchResult>("header", searchColumns),
    ...results.map((each) => formatCsvLine(each, searchColumns)),
  ].join("");
}

/** Reads such a file. Throws where it does not exist or is no such CSV. */
export function readSearchCsv(path: string): SearchResult[] {
  const lines: Record<string, string>[] = parse(readFileSync(path), {
    columns: (header: string[]) => presentNames(header, searchColumns),
  });
  return lines.map((line) => {
    const value = (name: keyof SearchResult): string | number | undefined => {
      const cell = line[name] ?? "";
      if (cell === "") return undefined;
      return searchColumns[name].type === "number" ? Number(cell) : presentText(name, cell);
    };
    const names = Object.keys(searchColumns) as (keyof SearchResult)[];
    return Object.fromEntries(names.map((name) => [name, value(name)])) as SearchResult;
  });
}

/** Legend of the table, in lines of at most 80 columns. */
export const searchLegend = [
  "kept: highest value that met the objective in all of three trials, without loss;",
  "missed: lowest value that failed in all of three. dlv/s, server: where kept.",
  "limit: process at its limit where missed; machine: server and workers together.",
].join("\n");

/** The results as a table of at most 80 columns, with notes below. */
export function searchTable(results: readonly SearchResult[]): string {
  const [first] = results;
  const per = first?.searched === "rate" ? "/s" : "clients";
  const latency = first?.objective?.split("=")[0];
  const shown: TextColumn<SearchResult>[] = [
    { heading: "transport\n", value: ({ transport }) => transport! },
    { heading: `kept\n${per}`, number: true, value: ({ kept }) => plain(kept) },
    { heading: `missed\n${per}`, number: true, value: ({ missed }) => plain(missed) },
    { heading: `${latency} ms\nkept`, number: true, value: (each) => formatMilliseconds(each.kept_latency_us) },
    { heading: "\nmissed", number: true, value: (each) => formatMilliseconds(each.missed_latency_us) },
    { heading: "dlv/s\n", number: true, value: (each) => formatCount(each.kept_deliveries_per_s) },
    { heading: "server\nus/dlv", number: true, value: (each) => formatNumber(each.kept_server_cpu_us_per_delivery, 1) },
    { heading: "limit\n", value: (each) => each.missed_bottleneck ?? "-" },
    { heading: "trials\n", number: true, value: ({ trials }) => formatCount(trials) },
  ];
  const notes = results.flatMap(({ transport, notes: note }) => (note ? [wrapText(`${transport}: ${note}`)] : []));
  return [textTable(shown, results), ...notes].join("\n");
}

/** A step with all its digits up to 99,999. */
function plain(value: number | undefined): string {
  return value === undefined || value >= 1000 ? formatCount(value) : String(value);
}

function middle(votes: readonly RowProbe[], value: (row: Row) => number | undefined): number | undefined {
  return median(votes.map(({ row }) => value(row)).filter((each) => each !== undefined));
}
