import type { Row } from "../../../results/model/columns.ts";
import type { RunContext } from "../../../scenarios/runner/run-metadata.ts";
import type { Subject } from "./subjects.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { wrapText } from "../../../results/text/text-table.ts";
import { messagesFor, type Objective } from "../../../scenarios/search/objective.ts";
import { probeSettings } from "../../../scenarios/search/probe-settings.ts";
import { outcome } from "../../../scenarios/search/search.ts";
import type { SettingsOverrides, Settings } from "../../../scenarios/definitions/settings.ts";
import { expectedTimeText, objectiveText, type TransportSearch } from "./search-text.ts";
import { exitCodes } from "../cli.ts";
import { searchResult, searchCsv, searchLegend, searchTable } from "./search-results.ts";
import type { ResultFiles } from "../result-files.ts";
import { openSearch, probeTrials, type SearchRequest } from "./search-trials.ts";
import { runTrials, type RunWatcher } from "../run-trials.ts";
import { writeBeside } from "../summary-file.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";

/** Flags of a search. */
export interface SearchFlags {
  slo?: Objective;
  find?: "rate" | "clients";
  timeLimit?: number;
}

const defaultLimitMs = 20 * 60_000;

/** Parses --find. Throws a UserError for any other value. */
export function parseFind(text: string): "rate" | "clients" {
  if (text === "rate" || text === "clients") return text;
  throw new UserError(`--find "${text}" is neither rate nor clients: name what to increase until --slo fails.`);
}

/**
 * The search that the flags ask for; undefined without --slo. Throws a UserError where it does not fit the other flags.
 */
export function searchRequest(
  { slo, find, timeLimit, ...flags }: SearchFlags & { repeat: number; strict?: true },
  scenario: Scenario,
  settings: Settings,
  overrides: SettingsOverrides,
): SearchRequest | undefined {
  if (!slo) {
    if (find) throw new UserError(`--find ${find} needs an objective: give --slo p99=250ms, too.`);
    if (timeLimit) throw new UserError("--time-limit limits a search: give --slo p99=250ms, too.");
    return undefined;
  }
  const wanted = `--slo ${objectiveText(slo)}`;
  if (flags.repeat > 1) throw new UserError(`${wanted} repeats trials as needed: drop --repeat.`);
  if (flags.strict) throw new UserError(`${wanted} repeats suspect trials where that can help: drop --strict.`);
  if (settings.idleCycles)
    throw new UserError(
      `No client sends in ${settings.scenario}, so there is no latency for ${wanted}: use another scenario, such as chat-1k.`,
    );
  return {
    objective: slo,
    variable: find ?? "rate",
    timeLimitMs: timeLimit ?? defaultLimitMs,
    scenario,
    settings,
    overrides,
  };
}

/**
 * Searches for each transport in turn and prints the results. Returns the exit code: 3 where the time limit ended a
 * search, 1 where a transport could not be measured. One transport after the other, so that an interrupted run has
 * complete answers.
 */
export async function searchAll(
  request: SearchRequest,
  subjects: readonly Subject[],
  context: RunContext,
  files: ResultFiles,
  signal: AbortSignal,
  force: boolean,
  watcher?: RunWatcher,
): Promise<number> {
  const searches = await Promise.all(subjects.map((subject) => openSearch(subject, request, context.gang)));
  const rows: Row[] = [];
  console.log(wrapText(expectedTimeText(subjects.length, decidingSettings(request), request.timeLimitMs)));
  try {
    await runTrials(
      probeTrials(searches, subjects, request, rows, () => performance.now()),
      context,
      files,
      signal,
      rows,
      watcher,
    );
  } finally {
    files.close();
    if (rows.length > 0) printResults(searches, rows, files.path, force);
  }
  if (signal.aborted) return exitCodes.interrupted;
  const found = searches.map(({ range, results }) => outcome(range, results).answer);
  const timedOut = found.includes("not finished");
  if (timedOut)
    console.log(`The time limit of ${request.timeLimitMs / 1000} s ended the search: use a longer --time-limit.`);
  if (found.includes("not measured")) return exitCodes.rowFailed;
  return timedOut ? exitCodes.rowSuspect : exitCodes.done;
}

/** The settings of a trial that decides, at the value with which the search begins. */
function decidingSettings({ settings, objective, overrides }: SearchRequest): Settings {
  const probe = { purpose: "decide", step: 0, messages: messagesFor(objective), retries: 0 } as const;
  return probeSettings(settings, probe, objective, overrides);
}

function printResults(searches: readonly TransportSearch[], rows: readonly Row[], path: string, force: boolean): void {
  const results = searches.map(searchResult).filter((each) => each !== undefined);
  console.log(`\n${searchTable(results)}\n\n${searchLegend}\nRows: ${rows.length} in ${path}`);
  const file = writeBeside(path, ".search.csv", searchCsv(results), force);
  console.log(`Search: ${file}`);
}
