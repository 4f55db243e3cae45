import type { Row } from "../../../results/model/columns.ts";
import { findLimits } from "../../../scenarios/system/limits.ts";
import { trialOptions } from "../../../scenarios/definitions/trial-options.ts";
import { maxClients, planProcesses, type ProcessCounts } from "../../../scenarios/capacity/process-plan.ts";
import type { Gang } from "../../../scenarios/hosts/gang.ts";
import { limitsOfHosts, planOnHosts } from "./agents-plan.ts";
import { clientGrid, rateGrid } from "../../../scenarios/search/grid.ts";
import { floorMs, messagesFor, classify, type Objective } from "../../../scenarios/search/objective.ts";
import { nextProbe, outcome } from "../../../scenarios/search/search.ts";
import { probeSettings } from "../../../scenarios/search/probe-settings.ts";
import type { Probe } from "../../../scenarios/search/probe-results.ts";
import { resolveSettings, type SettingsOverrides, type Settings } from "../../../scenarios/definitions/settings.ts";
import { settingsAt, subjectLabel, type Subject } from "./subjects.ts";
import { resourceRequest } from "./resource-request.ts";
import { stepText, probeText, type TransportSearch } from "./search-text.ts";
import type { QueuedTrial } from "../run-trials.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";

/** A search as the flags define it, and what it must not change of the scenario. */
export interface SearchRequest {
  objective: Objective;
  variable: "rate" | "clients";
  timeLimitMs: number;
  scenario: Scenario;
  settings: Settings;
  overrides: SettingsOverrides;
}

/** Lowest rate of the grid, unless the search begins below it: there the thousand messages of a probe take 100 s. */
const lowestPerS = 10;
const highest = 1_000_000;

/** A search for one transport or target, not begun yet. */
export async function openSearch(
  subject: Subject,
  { objective, variable, scenario, settings, overrides }: SearchRequest,
  gang?: Gang,
): Promise<TransportSearch> {
  const settled = (clients: number): Settings =>
    resolveSettings(settings.scenario, scenario, { ...overrides, clients });
  const targeted = subject.target !== undefined;
  const request = await resourceRequest(subject.transport, settled, { workers: overrides.workers, targeted });
  const { transport } = request;
  const bound = transport.guarantees.deliveryBoundMs?.(trialOptions(settings, transport)) ?? 0;
  const limits = gang ? limitsOfHosts(gang.hosts) : findLimits();
  const { values, start } =
    variable === "rate"
      ? rateGrid(settings.ratePerS, lowestPerS, highest)
      : clientGrid(settings.clients, maxClients(request, limits));
  const floor = floorMs(objective, bound);
  const range = {
    start,
    top: values.length - 1,
    messages: messagesFor(objective),
    forbidden: floor > objective.limitMs,
  };
  const processes = (clients: number): ProcessCounts =>
    gang ? planOnHosts(request, clients, gang.hosts) : planProcesses(request, clients, limits);
  return {
    name: subjectLabel(subject),
    objective,
    variable,
    steps: values,
    range,
    floorMs: floor,
    processes,
    results: [],
  };
}

/**
 * The trials of the searches for these subjects. Each follows from the rows so far in `rows`; a trial without a row
 * was interrupted, and no more follow. No trial begins after the time limit of its search.
 */
export function* probeTrials(
  searches: readonly TransportSearch[],
  subjects: readonly Subject[],
  request: SearchRequest,
  rows: readonly Row[],
  nowMs: () => number,
): Iterable<QueuedTrial> {
  for (const [i, search] of searches.entries()) {
    const endMs = nowMs() + request.timeLimitMs;
    while (nowMs() < endMs) {
      const probe = nextProbe(search.range, search.results);
      if (!probe) break;
      const before = rows.length;
      yield queuedProbe(search, subjects[i]!, request, probe);
      const row = rows[before];
      if (!row) return;
      search.results.push({ probe, row, ...classify(row, request.objective) });
    }
  }
}

/** The trial of a probe, with a seed of its own. */
function queuedProbe(
  search: TransportSearch,
  subject: Subject,
  { objective, variable, scenario, settings, overrides }: SearchRequest,
  probe: Probe,
): QueuedTrial {
  const repeat = search.results.length + 1;
  const value = { [variable === "rate" ? "ratePerS" : "clients"]: search.steps[probe.step]! };
  const seed = (settings.seed + repeat - 1) % 2 ** 31;
  const atStep = settingsAt(subject, resolveSettings(settings.scenario, scenario, { ...overrides, ...value, seed }));
  return {
    label: label(search, probe),
    trial: {
      ...subject,
      repeat,
      settings: { ...probeSettings(atStep, probe, objective, overrides), ...search.processes(atStep.clients) },
    },
    summaryLine: (row) =>
      `${classify(row, objective).verdict === "kept" ? "kept" : "missed"}: ${probeText(row, objective)}`,
  };
}

/** Label of a probe: its step, its purpose, and the answer so far. */
function label(search: TransportSearch, { step, purpose, retries }: Probe): string {
  const { kept, missed } = outcome(search.range, search.results);
  const known = [
    kept !== undefined && `${search.steps[kept]!.toLocaleString("en")} kept`,
    missed !== undefined && `${search.steps[missed]!.toLocaleString("en")} missed`,
  ].filter(Boolean);
  const what = `${search.name} ${stepText(search, step)} ${purpose}${retries ? " again" : ""}`;
  return known.length > 0 ? `${what} (${known.join(", ")})` : what;
}
