import type { Row } from "../../../results/model/columns.ts";
import { findLimits } from "../../../scenarios/system/limits.ts";
import { trialOptions } from "../../../scenarios/definitions/trial-options.ts";
import {
  maxClients,
  planProcesses,
  type ResourceRequest,
  type ProcessCounts,
} from "../../../scenarios/capacity/process-plan.ts";
import { clientGrid, rateGrid } from "../../../scenarios/search/grid.ts";
import { floorMs, messagesFor, classify, type Objective } from "../../../scenarios/search/objective.ts";
import { nextProbe, outcome } from "../../../scenarios/search/search.ts";
import { probeSettings } from "../../../scenarios/search/probe-settings.ts";
import type { Probe } from "../../../scenarios/search/probe-results.ts";
import { resolveSettings, type SettingsOverrides, type Settings } from "../../../scenarios/definitions/settings.ts";
import { stepText, probeText, type TransportSearch } from "./search-text.ts";
import type { QueuedTrial } from "../run-trials.ts";
import { loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";

/** What a search is asked for, and what it may not change of the scenario. */
export interface SearchRequest {
  objective: Objective;
  over: "rate" | "clients";
  timeLimitMs: number;
  scenario: Scenario;
  settings: Settings;
  changes: SettingsOverrides;
}

/** The lowest rate that is tried, unless the search begins below it: there, the thousand messages of a probe take 100 s. */
const lowestPerS = 10;
const highest = 1_000_000;

/** A search for a transport that has not begun. */
export async function openSearch(
  name: string,
  { objective, over, scenario, settings, changes }: SearchRequest,
): Promise<TransportSearch> {
  const transport = await loadTransport(name);
  const bound = transport.guarantees.deliveryBoundMs?.(trialOptions(settings, transport)) ?? 0;
  const settled = (clients: number): Settings => resolveSettings(settings.scenario, scenario, { ...changes, clients });
  const ask: ResourceRequest = {
    label: transportLabel(name),
    transport,
    settingsFor: settled,
    workers: changes.workers,
  };
  const limits = findLimits();
  const { values, start } =
    over === "rate"
      ? rateGrid(settings.ratePerS, lowestPerS, highest)
      : clientGrid(settings.clients, maxClients(ask, limits));
  const floor = floorMs(objective, bound);
  const range = {
    start,
    top: values.length - 1,
    messages: messagesFor(objective),
    forbidden: floor > objective.limitMs,
  };
  const processes = (clients: number): ProcessCounts => planProcesses(ask, clients, limits);
  return { name: ask.label, objective, over, rungs: values, range, floorMs: floor, processes, seen: [] };
}

/**
 * The trials of some searches, of the transports with these names. Each follows from the rows that the ones before have left in `taken`;
 * where one left none it was interrupted, and no more follow. No trial of a search begins after its time limit.
 */
export function* probeTrials(
  searches: readonly TransportSearch[],
  transports: readonly string[],
  asked: SearchRequest,
  taken: readonly Row[],
  nowMs: () => number,
): Iterable<QueuedTrial> {
  for (const [i, search] of searches.entries()) {
    const endMs = nowMs() + asked.timeLimitMs;
    while (nowMs() < endMs) {
      const probe = nextProbe(search.range, search.seen);
      if (!probe) break;
      const before = taken.length;
      yield jobOf(search, transports[i]!, asked, probe);
      const row = taken[before];
      if (!row) return;
      search.seen.push({ probe, row, ...classify(row, asked.objective) });
    }
  }
}

/** Every trial has a seed of its own. */
function jobOf(
  search: TransportSearch,
  transport: string,
  { objective, over, scenario, settings, changes }: SearchRequest,
  probe: Probe,
): QueuedTrial {
  const repeat = search.seen.length + 1;
  const value = { [over === "rate" ? "ratePerS" : "clients"]: search.rungs[probe.step]! };
  const seed = (settings.seed + repeat - 1) % 2 ** 31;
  const atRung = resolveSettings(settings.scenario, scenario, { ...changes, ...value, seed });
  return {
    label: label(search, probe),
    trial: {
      transport,
      repeat,
      settings: { ...probeSettings(atRung, probe, objective, changes), ...search.processes(atRung.clients) },
    },
    summaryLine: (row) =>
      `${classify(row, objective).verdict === "kept" ? "kept" : "missed"}: ${probeText(row, objective)}`,
  };
}

/** Which rung is tried, what for, and what is known so far. */
function label(search: TransportSearch, { step, purpose, retries }: Probe): string {
  const { kept, missed } = outcome(search.range, search.seen);
  const known = [
    kept !== undefined && `${search.rungs[kept]!.toLocaleString("en")} kept`,
    missed !== undefined && `${search.rungs[missed]!.toLocaleString("en")} missed`,
  ].filter(Boolean);
  const what = `${search.name} ${stepText(search, step)} ${purpose}${retries ? " again" : ""}`;
  return known.length > 0 ? `${what} (${known.join(", ")})` : what;
}
