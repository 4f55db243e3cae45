import type { RowKeys } from "../../results/model/measurement.ts";
import { buildName, readEnvironment, type Environment } from "../../results/model/environment.ts";
import type { Options } from "../contract.ts";
import { reconnectText } from "../definitions/fault.ts";
import { backendOf } from "../definitions/network.ts";
import { configurationsOf } from "../definitions/proxy-plan.ts";
import { trialOptions } from "../definitions/trial-options.ts";
import { trafficPatternOf } from "../definitions/traffic-pattern.ts";
import type { Settings, Trial } from "../definitions/settings.ts";
import { describeTarget, startsOnLoopback, type Target } from "../definitions/target.ts";
import type { Gang } from "../hosts/gang.ts";
import { windowOf } from "../lib/backoff.ts";
import { isLoopback } from "../lib/addresses.ts";
import { withoutSecrets } from "../lib/secrets.ts";
import { loadTransport, transportLabel } from "../transports/load-transport.ts";

/** The run that a trial belongs to, and its environment. */
export interface RunContext {
  runId: string;
  environment: Environment;
  /** The agents of the run. Default: this machine alone. */
  gang?: Gang;
}

/** Context of a run that begins now. Its id is the time, UTC, to the millisecond, in a form that suits a file name. */
export function newRunContext(): RunContext {
  const runId = new Date().toISOString().replaceAll(":", "-");
  return { runId, environment: readEnvironment() };
}

/** Identity and match columns of a trial's row, whatever the outcome. `startedAt` is the start of the trial. */
export async function rowKeys(
  { transport, settings, repeat, build, target }: Trial,
  { runId, environment, gang }: RunContext,
  startedAt: Date,
): Promise<RowKeys> {
  return {
    run_id: runId,
    started_at: startedAt.toISOString(),
    repeat,
    build: build ?? buildName(environment),
    scenario: settings.scenario,
    transport: target?.label ?? transportLabel(transport),
    clients: settings.clients,
    rooms: settings.rooms,
    senders: settings.senders,
    payload_bytes: settings.payloadBytes,
    payload_kind: settings.payloadKind,
    offered_per_s: settings.ratePerS,
    duration_s: settings.durationMs / 1000,
    extra_header_bytes: settings.extraHeaderBytes,
    network: settings.network?.text ?? networkOf(target, gang),
    network_by: settings.network ? backendOf(settings.network) : "none",
    through: settings.through ?? "none",
    hosts: gang?.hosts.length ?? 1,
    client: clientOf((await loadTransport(transport)).clientLibrary, target),
    ...((target === undefined || target.start !== undefined) && { server_processes: settings.servers }),
    traffic_pattern: trafficPatternOf(settings),
    fault: settings.fault?.text ?? "none",
    ...(await recoveryKeys(transport, settings)),
  };
}

/** How clients come back after a fault. */
async function recoveryKeys(
  name: string,
  settings: Settings,
): Promise<Pick<RowKeys, "reconnect" | "heartbeat" | "history">> {
  const { fault, reconnect, historyMessages } = settings;
  const history = historyMessages === undefined ? "none" : `${historyMessages} messages a room`;
  if (!fault) return { reconnect: "none", heartbeat: "none", history };
  const transport = await loadTransport(name);
  const byLibrary = transport.reconnects === "library" && !reconnect;
  return {
    reconnect: byLibrary ? "library" : reconnectText(windowOf(reconnect ?? "usual")),
    heartbeat: `${trialOptions(settings, transport).heartbeatMs / 1000}s`,
    history,
  };
}

function networkOf(target: Target | undefined, gang: Gang | undefined): string {
  if (target && !startsOnLoopback(target)) return `target ${hostOf(target)}`;
  return gang && !gang.hosts.every(({ address }) => isLoopback({ host: address, port: 0 })) ? "agents" : "loopback";
}

/** The package or module that is the client; with a dialect the one that carries it. */
function clientOf(ofTransport: string, target: Target | undefined): string {
  if (!target?.dialect) return ofTransport;
  const { polling, sse, mqtt } = target.dialect;
  return `${polling || sse ? "undici" : mqtt ? "mqtt" : ofTransport}+dialect`;
}

function hostOf({ addresses: [address] }: Target): string {
  return address!.socketPath ?? address!.host;
}

/** The baseline of a run that measures two builds: as the user named it, as rows name it, and its environment. */
export interface BaselineBuild {
  ref: string;
  build: string;
  environment: Environment;
}

/** Record of a run, with all that is needed to repeat it: command line, environment, and every resolved setting. */
export async function describeRun(
  { runId, environment, gang }: RunContext,
  command: readonly string[],
  trials: readonly Trial[],
  baseline?: BaselineBuild,
): Promise<object> {
  const options: Record<string, object> = {};
  for (const { transport, settings } of trials) options[transport] ??= await optionsIn(transport, settings);
  const configurations = await configurationsOf(trials);
  return {
    run_id: runId,
    command: command.map(withoutSecrets),
    environment,
    ...(gang && { broker: gang.broker, agents: gang.hosts.map(({ description }) => description) }),
    ...(baseline && { baseline }),
    options,
    ...(Object.keys(configurations).length > 0 && { proxy_configurations: configurations }),
    trials: trials.map(trialRecord),
  };
}

function trialRecord({ target, ...trial }: Trial): object {
  return { ...trial, ...(target && { target: describeTarget(target) }) };
}

async function optionsIn(name: string, settings: Settings): Promise<Options> {
  const transport = await loadTransport(name);
  return trialOptions(settings, transport);
}
