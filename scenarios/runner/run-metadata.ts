import type { RowKeys } from "../../results/model/measurement.ts";
import { buildName, readEnvironment as environmentHere, type Environment } from "../../results/model/environment.ts";
import type { Options } from "../contract.ts";
import { trialOptions } from "../definitions/trial-options.ts";
import { trafficPatternOf } from "../definitions/traffic-pattern.ts";
import type { Settings, Trial } from "../definitions/settings.ts";
import { loadTransport, transportLabel } from "../transports/load-transport.ts";

/** Which run a trial belongs to, and where that runs. */
export interface RunContext {
  runId: string;
  environment: Environment;
}

/** The place of a run that begins now: its id is the time, UTC, as it can be in the name of a file. */
export function newRunContext(): RunContext {
  const runId = new Date().toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
  return { runId, environment: environmentHere() };
}

/** What identifies a trial's row, whatever becomes of the trial. `startedAt` is its own, not the run's. */
export async function rowKeys(
  { transport, settings, repeat, build, target }: Trial,
  { runId, environment }: RunContext,
  startedAt: Date,
): Promise<RowKeys> {
  return {
    run_id: runId,
    started_at: startedAt.toISOString(),
    repeat,
    build: build ?? buildName(environment),
    scenario: settings.scenario,
    transport: transportLabel(transport),
    clients: settings.clients,
    rooms: settings.rooms,
    senders: settings.senders,
    payload_bytes: settings.payloadBytes,
    payload_kind: settings.payloadKind,
    offered_per_s: settings.ratePerS,
    duration_s: settings.durationMs / 1000,
    extra_header_bytes: settings.extraHeaderBytes,
    network: target === undefined ? "loopback" : `target ${target.host}`,
    client: (await loadTransport(transport)).clientLibrary,
    ...(target === undefined && { server_processes: settings.servers }),
    traffic_pattern: trafficPatternOf(settings),
  };
}

/** The other version of the project in a run that measures two: how the user named it, how rows do, and what it ran with. */
export interface BaselineBuild {
  ref: string;
  build: string;
  environment: Environment;
}

/** All that somebody else needs to repeat the run: the command line, the place, and every setting as it was resolved. */
export async function describeRun(
  { runId, environment }: RunContext,
  command: readonly string[],
  trials: readonly Trial[],
  baseline?: BaselineBuild,
): Promise<object> {
  const options: Record<string, object> = {};
  for (const { transport, settings } of trials) options[transport] ??= await optionsIn(transport, settings);
  return { run_id: runId, command, environment, ...(baseline && { baseline }), options, trials };
}

async function optionsIn(name: string, settings: Settings): Promise<Options> {
  const transport = await loadTransport(name);
  return trialOptions(settings, transport);
}
