import type { Row } from "../../../results/model/columns.ts";
import { findLimits } from "../../../scenarios/system/limits.ts";
import { trialOptions } from "../../../scenarios/definitions/trial-options.ts";
import { mostClients, processesFor, type Ask, type Processes } from "../../../scenarios/capacity/process-plan.ts";
import type { Scenario } from "../../../scenarios/scenarios.ts";
import { clientLadder, rateLadder } from "../../../scenarios/search/grid.ts";
import { floorMs, messagesFor, sight, type Objective } from "../../../scenarios/search/objective.ts";
import { nextProbe, outcome } from "../../../scenarios/search/search.ts";
import { probeSettings } from "../../../scenarios/search/probe-settings.ts";
import type { Probe } from "../../../scenarios/search/probe-results.ts";
import { settle, type Changes, type Settings } from "../../../scenarios/definitions/settings.ts";
import { loadTransport, optionsFor, transportLabel } from "../../../scenarios/transports.ts";
import { rungText, sightText, type Search } from "./search-text.ts";
import type { Job } from "../run-trials.ts";

/** What a search is asked for, and what it may not change of the scenario. */
export interface Asked {
  objective: Objective;
  over: "rate" | "clients";
  timeLimitMs: number;
  scenario: Scenario;
  settings: Settings;
  changes: Changes;
}

/** The lowest rate that is tried, unless the search begins below it: there, the thousand messages of a probe take 100 s. */
const lowestPerS = 10;
const highest = 1_000_000;

/** A search for a transport that has not begun. */
export async function openSearch(
  name: string,
  { objective, over, scenario, settings, changes }: Asked,
): Promise<Search> {
  const transport = await loadTransport(name);
  const bound = transport.promises.deliveryBoundMs?.(optionsFor(transport, trialOptions(settings, transport))) ?? 0;
  const settled = (clients: number): Settings => settle(settings.scenario, scenario, { ...changes, clients });
  const ask: Ask = { label: transportLabel(name), transport, settled, workers: changes.workers };
  const limits = findLimits();
  const { rungs, start } =
    over === "rate"
      ? rateLadder(settings.offeredPerS, lowestPerS, highest)
      : clientLadder(settings.clients, mostClients(ask, limits));
  const floor = floorMs(objective, bound);
  const range = {
    start,
    top: rungs.length - 1,
    messages: messagesFor(objective),
    forbidden: floor > objective.limitMs,
  };
  const processes = (clients: number): Processes => processesFor(ask, clients, limits);
  return { name: ask.label, objective, over, rungs, range, floorMs: floor, processes, seen: [] };
}

/**
 * The trials of some searches, of the transports with these names. Each follows from the rows that the ones before have left in `taken`;
 * where one left none it was interrupted, and no more follow. No trial of a search begins after its time limit.
 */
export function* probes(
  searches: readonly Search[],
  transports: readonly string[],
  asked: Asked,
  taken: readonly Row[],
  nowMs: () => number,
): Iterable<Job> {
  for (const [i, search] of searches.entries()) {
    const endMs = nowMs() + asked.timeLimitMs;
    while (nowMs() < endMs) {
      const probe = nextProbe(search.range, search.seen);
      if (!probe) break;
      const before = taken.length;
      yield jobOf(search, transports[i]!, asked, probe);
      const row = taken[before];
      if (!row) return;
      search.seen.push({ probe, row, ...sight(row, asked.objective) });
    }
  }
}

/** Every trial has a seed of its own. */
function jobOf(
  search: Search,
  transport: string,
  { objective, over, scenario, settings, changes }: Asked,
  probe: Probe,
): Job {
  const repeat = search.seen.length + 1;
  const value = { [over === "rate" ? "offeredPerS" : "clients"]: search.rungs[probe.rung]! };
  const seed = (settings.seed + repeat - 1) % 2 ** 31;
  const atRung = settle(settings.scenario, scenario, { ...changes, ...value, seed });
  return {
    label: label(search, probe),
    trial: {
      transport,
      repeat,
      settings: { ...probeSettings(atRung, probe, objective, changes), ...search.processes(atRung.clients) },
    },
    says: (row) => `${sight(row, objective).verdict === "kept" ? "kept" : "missed"}: ${sightText(row, objective)}`,
  };
}

/** Which rung is tried, what for, and what is known so far. */
function label(search: Search, { rung, purpose, again }: Probe): string {
  const { kept, missed } = outcome(search.range, search.seen);
  const known = [
    kept !== undefined && `${search.rungs[kept]!.toLocaleString("en")} kept`,
    missed !== undefined && `${search.rungs[missed]!.toLocaleString("en")} missed`,
  ].filter(Boolean);
  const what = `${search.name} ${rungText(search, rung)} ${purpose}${again ? " again" : ""}`;
  return known.length > 0 ? `${what} (${known.join(", ")})` : what;
}
