import type { Threshold } from "../../../results/rows/thresholds.ts";
import { assertSupports } from "../../../scenarios/definitions/compatibility.ts";
import { loadScenario } from "../../../scenarios/definitions/scenario-file.ts";
import {
  payloadVariants,
  interleave,
  resolveSettings,
  type Settings,
  type SettingsOverrides,
  type Trial,
} from "../../../scenarios/definitions/settings.ts";
import { planProcesses, type ProcessCounts } from "../../../scenarios/capacity/process-plan.ts";
import type { Gang } from "../../../scenarios/hosts/gang.ts";
import { assertForAgents, planOnHosts } from "./agents-plan.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { findLimits } from "../../../scenarios/system/limits.ts";
import { loadTransport } from "../../../scenarios/transports/load-transport.ts";
import type { Scenario } from "../../../scenarios/definitions/scenario.ts";
import { userPath } from "../cli.ts";
import {
  overridesFrom,
  rejectSessionOverrides,
  rejectTraceOverrides,
  thresholdsOf,
  type BenchFlags,
} from "./options.ts";
import { resourceRequest } from "./resource-request.ts";
import { checkSubject, chooseSubjects, settingsFor, type Subject } from "./subjects.ts";
import { assertFaultFits } from "./faults.ts";
import { assertNetworksFit, planNetworks } from "./networks.ts";
import { assertProxiesFit, planProxies } from "./proxies.ts";
import { searchRequest } from "./search-command.ts";
import type { SearchRequest } from "./search-trials.ts";

/** A run as its flags define it, before anything is started. */
export interface RunPlan {
  /** Name of the scenario, for file names. */
  scenario: string;
  trials: Trial[];
  /** What is measured, in order. */
  subjects: readonly Subject[];
  /** Set where the run searches for a rate or a number of clients. Its trials follow from one another. */
  search: SearchRequest | undefined;
  /** True where several payloads are measured, so that labels must tell them apart. */
  variesPayload: boolean;
  /** The same of networks. */
  variesNetwork: boolean;
  /** The same of proxies. */
  variesProxy: boolean;
  /** What the rows of this build must hold. */
  thresholds: readonly Threshold[];
}

/**
 * Resolves flags to trials. Throws a UserError, one sentence, where they do not fit together, the scenario or this
 * machine.
 */
export async function planRun(flags: BenchFlags, scenarioName: string, gang?: Gang): Promise<RunPlan> {
  const { name, scenario: loaded, file } = loadScenario(scenarioName, flags.speed, userPath);
  rejectTraceOverrides(loaded, flags);
  rejectSessionOverrides(loaded, flags);
  const thresholds = thresholdsOf(flags, loaded);
  const { thresholds: _replaced, ...rest } = loaded;
  const scenario: Scenario = thresholds.length > 0 ? { ...rest, thresholds } : rest;
  const overrides = { ...overridesFrom(flags), ...(file !== undefined && { file }) };
  const networks = await planNetworks(flags, scenario);
  const throughs = await planProxies(flags);
  const payloads = payloadVariants(scenario, flags);
  const variants = networks.flatMap((network) =>
    throughs.flatMap((through) =>
      payloads.map((payload): SettingsOverrides => ({
        ...overrides,
        ...payload,
        ...(network && { network }),
        ...(through && { through }),
      })),
    ),
  );
  const settings = variants.map((variant) => resolveSettings(name, scenario, variant));
  assertMessagesDue(settings[0]!);
  if (flags.slo && payloads.length > 1)
    throw new UserError(
      "--slo searches with one payload: give one size to --payload-bytes and one kind to --payload-kind.",
    );
  const search = searchRequest(flags, scenario, settings[0]!, variants[0]!);
  const chosen = await chooseSubjects(flags);
  await assertNetworksFit(chosen, settings);
  for (const each of settings) await assertFaultFits(chosen, each, flags);
  if (gang) await assertForAgents(chosen, settings[0]!, gang.hosts);
  for (const { transport } of chosen)
    for (const each of settings) await assertSupports(transport, await loadTransport(transport), each);
  const subjects: Subject[] = [];
  for (const subject of chosen) subjects.push(await checkSubject(subject, settingsFor(subject, settings[0]!, flags)));
  const processes = await Promise.all(
    subjects.map((subject) =>
      processesOf(subject, { ...flags, gang }, { name, scenario }, overrides, settings[0]!.clients),
    ),
  );
  const trials = settings.flatMap((each) => {
    const trialsOfSubjects = subjects.map((subject, i) => ({
      ...subject,
      settings: { ...settingsFor(subject, each, flags), ...processes[i] },
    }));
    return interleave(trialsOfSubjects, flags.repeat, each.seed);
  });
  await assertProxiesFit(trials);
  return {
    scenario: name,
    trials,
    subjects,
    search,
    thresholds,
    variesNetwork: networks.length > 1,
    variesProxy: throughs.length > 1,
    variesPayload: payloads.length > 1,
  };
}

function assertMessagesDue({ idleCycles, ratePerS, durationMs }: Settings): void {
  if (idleCycles || Math.round((ratePerS * durationMs) / 1000) > 0) return;
  throw new UserError(`Not one message would be due: raise --rate ${ratePerS}, or make --duration longer.`);
}

/** Processes that a trial takes on this machine. Throws a UserError where it cannot carry so many clients. */
export async function planProcessesFor(name: string, settings: Settings): Promise<ProcessCounts> {
  const request = await resourceRequest(name, (clients) => ({ ...settings, clients }));
  return planProcesses(request, settings.clients, findLimits());
}

/** Processes that the trials of a subject take. */
async function processesOf(
  { transport, target }: Subject,
  { workers, servers, gang }: BenchFlags & { gang: Gang | undefined },
  { name, scenario }: { name: string; scenario: Scenario },
  overrides: SettingsOverrides,
  clients: number,
): Promise<ProcessCounts> {
  const settled = (count: number): Settings => resolveSettings(name, scenario, { ...overrides, clients: count });
  const request = await resourceRequest(transport, settled, { workers, targeted: target !== undefined });
  const planned = gang ? planOnHosts(request, clients, gang.hosts) : planProcesses(request, clients, findLimits());
  return servers === undefined ? planned : { ...planned, servers: Math.max(servers, planned.servers) };
}
