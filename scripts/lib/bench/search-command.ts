import type { Row } from "../../../results/model/columns.ts";
import type { RunContext } from "../../../scenarios/runner/run-metadata.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import type { Objective } from "../../../scenarios/search/objective.ts";
import { outcome } from "../../../scenarios/search/search.ts";
import type { SettingsOverrides, Settings } from "../../../scenarios/definitions/settings.ts";
import { objectiveText, type TransportSearch } from "./search-text.ts";
import { exitCodes } from "../cli.ts";
import { searchResult, searchCsv, searchLegend, searchTable } from "./search-results.ts";
import type { ResultFiles } from "../result-files.ts";
import { openSearch, probeTrials, type SearchRequest } from "./search-trials.ts";
import { runTrials } from "../run-trials.ts";
import { writeBeside } from "../summary-file.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";

/** What the flags of a search ask for. */
export interface SearchFlags {
  slo?: Objective;
  find?: "rate" | "clients";
  timeLimit?: number;
}

const defaultLimitMs = 20 * 60_000;

/** What may be searched for; a UserError where it is something else. */
export function parseFind(given: string): "rate" | "clients" {
  if (given === "rate" || given === "clients") return given;
  throw new UserError(`--find "${given}" is neither rate nor clients: say which of the two --slo is to raise.`);
}

/** What is asked for where a search is; undefined where none is. A UserError where it does not go with the other flags. */
export function searchRequest(
  { slo, find, timeLimit, ...flags }: SearchFlags & { repeat: number; strict?: true },
  scenario: Scenario,
  settings: Settings,
  changes: SettingsOverrides,
): SearchRequest | undefined {
  if (!slo) {
    if (find) throw new UserError(`--find ${find} needs an objective: say --slo p99=250ms, too.`);
    if (timeLimit) throw new UserError("--time-limit bounds a search: say --slo p99=250ms, too.");
    return undefined;
  }
  const wanted = `--slo ${objectiveText(slo)}`;
  if (flags.repeat > 1) throw new UserError(`${wanted} repeats its trials as it needs: leave --repeat out.`);
  if (flags.strict)
    throw new UserError(`${wanted} tries suspect trials again where that can help: leave --strict out.`);
  if (settings.idleCycles)
    throw new UserError(
      `Nobody sends in ${settings.scenario}, so there is no latency for ${wanted}: take chat-1k, say.`,
    );
  return {
    objective: slo,
    over: find ?? "rate",
    timeLimitMs: timeLimit ?? defaultLimitMs,
    scenario,
    settings,
    changes,
  };
}

/**
 * Searches for each transport in turn and prints what was found; returns the exit code: 3 where the time was up, 1 where a transport could
 * not be measured. One after the other, so that an interrupted run has whole answers, and no drift of hours lies within one.
 */
export async function searchAll(
  asked: SearchRequest,
  transports: readonly string[],
  place: RunContext,
  output: ResultFiles,
  signal: AbortSignal,
  force: boolean,
): Promise<number> {
  const searches = await Promise.all(transports.map((name) => openSearch(name, asked)));
  const rows: Row[] = [];
  try {
    await runTrials(
      probeTrials(searches, transports, asked, rows, () => performance.now()),
      place,
      output,
      signal,
      rows,
    );
  } finally {
    output.close();
    if (rows.length > 0) tell(searches, rows, output.path, force);
  }
  if (signal.aborted) return exitCodes.interrupted;
  const found = searches.map(({ range, seen }) => outcome(range, seen).answer);
  const late = found.includes("not finished");
  if (late) console.log(`The time was up after ${asked.timeLimitMs / 1000} s: give a longer --time-limit.`);
  if (found.includes("not measured")) return exitCodes.rowFailed;
  return late ? exitCodes.rowDoubtful : exitCodes.done;
}

function tell(searches: readonly TransportSearch[], rows: readonly Row[], path: string, force: boolean): void {
  const findings = searches.map(searchResult).filter((each) => each !== undefined);
  console.log(`\n${searchTable(findings)}\n\n${searchLegend}\nRows: ${rows.length} in ${path}`);
  const file = writeBeside(path, ".search.csv", searchCsv(findings), force);
  console.log(`Search: ${file}`);
}
