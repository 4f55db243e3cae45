import { randomBytes } from "node:crypto";
import type { Measurement } from "../../results/model/measurement.ts";
import type { Address } from "../contract.ts";
import { errorMessage } from "../lib/errors.ts";
import { isModulePath, loadTransport } from "../transports/load-transport.ts";
import type { Settings, Trial } from "../definitions/settings.ts";
import { needsLink } from "../definitions/fault.ts";
import { spoiltBy } from "../definitions/proxy-plan.ts";
import { backendOf } from "../definitions/network.ts";
import { networkExtraMs } from "../definitions/trial-options.ts";
import type { Target } from "../definitions/target.ts";
import { nowUs } from "../lib/clock.ts";
import { sleepUntil } from "../lib/pace.ts";
import type { WindowTimes } from "../load/measurement-window.ts";
import type { SendCounts } from "../load/sender.ts";
import { noneMissing } from "../load/missing-deliveries.ts";
import type { WindowResult } from "../load/virtual-clients.ts";
import type { NetworkRequest } from "../system/trial-network.ts";
import { windowEdges, withMachine, type WindowEdge } from "../system/process-usage.ts";
import { expectedDeliveries, type ExpectedDeliveries } from "../workload/expected-deliveries.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import { buildMeasurement, type AtEdges } from "./build-measurement.ts";
import {
  assertConnections,
  disconnectAll,
  missingDeliveries,
  readPausedClients,
  snapshotBeforeLoad,
  waitForClients,
  waitForDeliveries,
} from "./connection-checks.ts";
import type { Gang } from "../hosts/gang.ts";
import { deadlinesFor, type WithDeadline } from "./deadlines.ts";
import { bystanderWorkers, readFault } from "./fault-report.ts";
import { openFault, type FaultTimes, type OpenFault } from "./fault-run.ts";
import { allClocks } from "./latency-claim.ts";
import { openGoneLimit, type GoneLimit } from "./gone-limit.ts";
import { probeNetwork } from "./network-check.ts";
import { watchLatency, type LatencyWatch, type SecondSoFar } from "./latency-watch.ts";
import { pauseSlowConsumers } from "./pause-clients.ts";
import { watchProgress, type ProgressView, type ProgressWatch } from "./progress.ts";
import { hostsOf, type AgentTrialHosts } from "./trial-hosts.ts";
import { startProcesses, type TrialProcesses } from "./trial-processes.ts";
import { planTrial, type TrialPlan } from "./trial-plan.ts";
import { ThresholdAbort, watchThresholds, type ThresholdWatch } from "./threshold-watch.ts";
import { waitUntilIdle, waitUntilStable } from "./warmup.ts";

/** Connects under way at once, over all workers. More would only queue in the kernel. */
const connectsInFlight = 256;
/** Time that a step may take beyond its own, or without progress where it reports that. */
const timeoutMs = 30_000;
/** Time from a call to the first due message of the window, so that the call reaches every process. */
const leadUs = 250_000;
/** The same before the window, where a late call is not measured. Calls to agents take longer. */
const earlyLeadUs = ({ hosts }: RunningTrial): number => (hosts ? leadUs : 100_000);

/** Called when the window is agreed. A proof stops a process here, for example. */
export type OnWindowScheduled = (processes: TrialProcesses, times: WindowTimes) => void;

/** A running trial: what its phases share. */
interface RunningTrial {
  plan: TrialPlan;
  processes: TrialProcesses;
  withDeadline: WithDeadline;
  progress: ProgressWatch;
  thresholds: ThresholdWatch;
  latency: LatencyWatch;
  limit: GoneLimit;
  hosts: AgentTrialHosts | undefined;
  fault: OpenFault | undefined;
  /** Most by which a time from one host to another is wrong, in microseconds. */
  clockErrorUs: number;
}

/**
 * Runs one trial in processes of its own. Rejects with one sentence when a process dies, more connections are refused or
 * lost than may be, a phase takes too long or `signal` aborts, and with a ThresholdAbort when a threshold ends it early. Every process has ended
 * either way. `latencySeen` is told the latency second by second; default: it is not read before the end.
 */
export async function runTrial(
  trial: Trial,
  signal: AbortSignal,
  show: (view: ProgressView) => void,
  onWindowScheduled: OnWindowScheduled = () => undefined,
  gang?: Gang,
  latencySeen?: (second: SecondSoFar) => void,
): Promise<Measurement> {
  const plan = await planTrial(trial);
  const { label, settings, target, assignment } = plan;
  const workers = assignment.clientsByWorker.length;
  await gang?.setClocks(signal);
  const hosts = gang && hostsOf(gang, plan);
  const processes = await startProcesses(
    label,
    {
      servers: settings.servers,
      workers,
      hostNetwork: settings.hostNetwork,
      network: networkOf(settings, assignment.affectedClients),
      hosts,
      restartable: settings.fault?.kind.startsWith("restart"),
      proxy: plan.proxy,
    },
    target,
  );
  const hopeless = new AbortController();
  const abort = (reason: Error): void => hopeless.abort(reason);
  const { clients, durationMs } = settings;
  const limit = openGoneLimit({ clients, durationS: durationMs / 1000, mostGone: plan.mostGone }, processes, abort);
  const progress = watchProgress(processes, clients, show, limit.seen);
  const thresholds = watchThresholds(plan.watch, processes, assignment.pausedClients.length, abort);
  const latency = watchLatency(plan, processes, latencySeen);
  const withDeadline = deadlinesFor(processes, AbortSignal.any([signal, hopeless.signal]));
  const clockErrorUs = gang?.clockErrorUs(1000 * longestMs(plan)) ?? 0;
  const fault = plan.fault && openFault(plan.fault, processes);
  const run = { plan, processes, withDeadline, progress, thresholds, latency, limit, hosts, clockErrorUs, fault };
  try {
    const started = await startServers(run);
    const rttsUs = await withDeadline("probing the network", probeLimitMs(plan), probeNetwork(processes, settings));
    const connected = await connectClients(run, started);
    const warm = await warmUp(run);
    const measured = await measure(run, onWindowScheduled);
    const drained = await drain(run, measured);
    const t1Us = measured.t0Us + durationMs * 1000;
    const ofHosts = await gang?.clocksOf({ t0Us: measured.t0Us, t1Us }, signal);
    const reading = processes.callWorkers("programClocks", undefined);
    const clock = allClocks(ofHosts, await withDeadline("reading the clocks of pages", timeoutMs, reading));
    return buildMeasurement({
      plan,
      isolated: processes.isolated,
      rttsUs,
      hosts,
      clock,
      ...started,
      ...connected,
      ...warm,
      ...measured,
      ...drained,
    });
  } catch (error) {
    throw signal.aborted ? error : await withRemedy(trial, processes, error);
  } finally {
    progress.stop();
    thresholds.stop();
    latency.stop();
    fault?.close();
    if (target) await disconnectAll(processes);
    await processes.kill();
  }
}

const unreachable = /ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN/;

/**
 * Adds a remedy where a proxy spoils the transport, or a user's server found no other server in the trial's network
 * namespace.
 */
async function withRemedy(
  { transport, target, settings: { through } }: Trial,
  { isolated, proxy }: Pick<TrialProcesses, "isolated" | "proxy">,
  error: unknown,
): Promise<unknown> {
  if (error instanceof ThresholdAbort) return error;
  const spoilt = proxy?.isRunning && spoiltBy(through, await loadTransport(transport));
  if (typeof spoilt === "string")
    return new Error(`${errorMessage(error).replace(/\.$/, "")}. ${spoilt}`, { cause: error });
  if (!isolated || !(isModulePath(transport) || target) || !unreachable.test(errorMessage(error))) return error;
  return new Error(
    `${errorMessage(error).replace(/\.$/, "")}. A trial has a network of its own, without other servers: if the server ` +
      "needs one on this machine, give --host-network.",
    { cause: error },
  );
}

/** Time that the probe of a network may take: twenty rounds of it where half of the datagrams are lost. */
function probeLimitMs({ settings }: TrialPlan): number {
  return timeoutMs + 20 * networkExtraMs(settings);
}

/** About how long a trial takes from its start to its last delivery, in milliseconds. */
function longestMs({ settings, connectIntervalMs, lateMs }: TrialPlan): number {
  return settings.clients * connectIntervalMs + settings.maxWarmupMs + settings.durationMs + lateMs;
}

/** What a trial asks of its network. Undefined on a loopback. */
function networkOf(
  { network, fault, seed, clients }: Settings,
  affectedClients: readonly number[],
): NetworkRequest | undefined {
  const affected = fault && affectedClients;
  if (network) return { conditions: network.conditions, by: backendOf(network), seed, clients, affected };
  return fault && needsLink(fault) ? { by: "link", seed, clients, affected } : undefined;
}

/** What a worker needs to know of a target besides its addresses. */
function visitOf({ dialect, data }: Target, clients: readonly number[]) {
  const lines = data && Object.fromEntries(clients.map((client) => [client, data[client % data.length]!]));
  return { ...(dialect && { dialect }), ...(lines && { data: lines }) };
}

/** Phase 1: every server hosts the application. */
async function startServers({ plan, processes, withDeadline, progress, clockErrorUs }: RunningTrial) {
  const { transport, settings, options } = plan;
  progress.enter("starting");
  const startedUs = nowUs();
  const serving = processes.serve({ transport, app: settings.app, options, settings, clockErrorUs });
  const addresses = await withDeadline("starting the servers", timeoutMs, serving);
  return { addresses, startedUs, atStart: await snapshot({ processes, withDeadline }) };
}

/** Phase 2: every client connects, and its first message makes the round trip that verifies the connection. */
async function connectClients(
  run: RunningTrial,
  { addresses, startedUs }: { addresses: (readonly Address[])[]; startedUs: number },
) {
  const { plan, processes, withDeadline, progress, clockErrorUs } = run;
  const { transport, settings, options, connections, deliveryBoundMs, closeMs, idle } = plan;
  progress.enter("connecting");
  const inFlight = Math.ceil(connectsInFlight / processes.workers.length);
  const prefix = plan.target && { roomPrefix: randomBytes(4).toString("hex") };
  const connectFromUs = nowUs() + earlyLeadUs(run);
  const connecting = processes.workers.map((each, worker) => {
    const visit = plan.target && visitOf(plan.target, plan.assignment.clientsByWorker[worker]!);
    const common = { transport, settings, options, addresses, inFlight, worker, connectFromUs, clockErrorUs };
    return each.call("connect", { ...common, ...prefix, ...visit });
  });
  const count = (name: "connected" | "verified") => async () => {
    const counts = await processes.progress();
    return counts[name] + counts.gone;
  };
  const connectMs = timeoutMs + 2 * plan.connectIntervalMs + plan.clientProgramMs;
  const connects = await withDeadline("connecting clients", connectMs, Promise.all(connecting), count("connected"));
  await readGone(run);
  const known = waitForClients(processes, connections.connected);
  const whenConnected = await withDeadline("waiting until the servers know every client", timeoutMs, known);
  // Heartbeats or polls that began before the last connect are not bytes of connecting.
  const idleTrafficStarted = idle !== undefined && nowUs() - startedUs > 1000 * idle.cycleMs;

  progress.enter("verifying");
  const verifying = processes.callWorkers("verify", nowUs() + earlyLeadUs(run));
  const verifyMs = timeoutMs + 3 * deliveryBoundMs;
  await withDeadline("waiting for the answer to every client's first message", verifyMs, verifying, count("verified"));
  await readGone(run);
  await withDeadline("counting connections", timeoutMs, assertConnections(processes, connections.steady, closeMs));
  return {
    connects,
    afterConnect: idleTrafficStarted ? undefined : whenConnected,
    beforeLoad: await withDeadline("reading the servers' state", timeoutMs, snapshotBeforeLoad(processes)),
  };
}

/**
 * Phase 3: the load runs until the servers' CPU per delivery is stable; without a load, until nothing passes the
 * sockets.
 */
async function warmUp(run: RunningTrial) {
  const { plan, processes, withDeadline, progress } = run;
  const { warmupMs, maxWarmupMs } = plan.settings;
  const startUs = nowUs() + earlyLeadUs(run);
  progress.enter("warming up", startUs + warmupMs * 1000);
  const starting = Promise.all([processes.callServers("warmUp", startUs), processes.callWorkers("warmUp", startUs)]);
  await withDeadline("starting the load", timeoutMs, starting);
  if (plan.idle) {
    const limitMs = maxWarmupMs + 3 * plan.idle.cycleMs + timeoutMs;
    const idleBefore = await withDeadline("waiting for silence", limitMs, waitUntilIdle(processes, plan.idle.cycleMs));
    return { warmupStartUs: startUs, idleBefore };
  }
  const stable = waitUntilStable(processes, startUs, warmupMs, maxWarmupMs);
  await withDeadline("warming up", maxWarmupMs + timeoutMs, stable);
  return { warmupStartUs: startUs, idleBefore: undefined };
}

/** Phase 4: the window. The load runs through T0 without a pause. */
async function measure(run: RunningTrial, onWindowScheduled: OnWindowScheduled) {
  const { plan, processes, withDeadline, progress, thresholds, latency, limit } = run;
  const { settings, assignment, lateMs, slices } = plan;
  await readGone(run);
  const t0Us = nowUs() + leadUs;
  const times = { t0Us, t1Us: t0Us + settings.durationMs * 1000 };
  const pausing = assignment.pausedClients.length > 0 && pauseSlowConsumers(processes.workers.at(-1)!, times);
  const plain = windowEdges(times.t0Us, times.t1Us, slices);
  const edges = run.hosts ? withMachine(plain) : plain;
  const running = Promise.all([
    processes.callWorkers("runWindow", times),
    processes.snapshotsAt(edges),
    processes.callServers("runWindow", times),
    processes.callWorkers("usagesAt", edges),
    run.fault?.run(t0Us),
    processes.proxy?.usagesAt([times.t0Us, times.t1Us]),
    pausing,
  ]);
  onWindowScheduled(processes, times);
  thresholds.start(t0Us);
  latency.start(t0Us);
  limit.start(t0Us);
  await withDeadline("waiting for the window", timeoutMs, Promise.race([running, sleepUntil(t0Us)]));
  progress.enter("measuring", times.t1Us);
  const pathAtT0 = await processes.network?.state();
  const limitMs = settings.durationMs + (settings.halfDuplexSlotMs ?? 0) + lateMs + timeoutMs;
  const [workers, snapshots, servers, usages, faultTimes, proxyUsages] = await withDeadline(
    "sending the planned messages",
    limitMs,
    running,
  );
  const pathAtT1 = await processes.network?.state();
  const idleAfter = plan.idle && (await snapshot(run));
  return {
    t0Us,
    windowResults: workers,
    sends: [...workers, ...servers],
    window: splitEdges(edges, snapshots),
    workerUsages: usages.map((each) => splitEdges(edges, each)),
    idleAfter,
    pathAtT0,
    pathAtT1,
    faultTimes,
    proxy: processes.proxy && proxyUsages && { version: processes.proxy.version, usages: proxyUsages },
  };
}

/** What was read at the edges of seconds, and what at the edges of slices. */
function splitEdges<T>(edges: readonly WindowEdge[], read: readonly T[]): AtEdges<T> {
  const at = (kind: "second" | "slice") => read.filter((_, i) => edges[i]![kind]);
  return { seconds: at("second"), slices: at("slice") };
}

/** What should have arrived in the end. Each session that was started expects its answer. */
function expectedOf(
  { schedule, assignment, settings }: TrialPlan,
  { t0Us, sends }: { t0Us: number; sends: readonly SendCounts[] },
  gone: readonly GoneClient[],
): ExpectedDeliveries {
  if (!settings.connectPerMessage) return expectedDeliveries(schedule, assignment, t0Us, gone);
  return { expected: sends.reduce((sum, { sent }) => sum + sent, 0), pausedExpected: 0, unplanned: [] };
}

/** Phase 5: what is still on its way arrives, and every process reports what it measured. */
async function drain(
  run: RunningTrial,
  measured: {
    t0Us: number;
    sends: readonly SendCounts[];
    windowResults: readonly WindowResult[];
    faultTimes: FaultTimes | undefined;
  },
) {
  const { plan, processes, withDeadline, progress } = run;
  const { assignment, connections, closeMs } = plan;
  const { limitMs, stillMs, lossyMs } = plan.drain;
  progress.enter("draining");
  const gone = await readGone(run);
  const expected = expectedOf(plan, measured, gone);
  const total = expected.expected + expected.pausedExpected;
  const arriving = waitForDeliveries(processes, total, limitMs, gone.length > 0 ? lossyMs : stillMs);
  const tally = await withDeadline("counting deliveries", limitMs + timeoutMs, arriving);
  if (tally.delivered > total)
    throw new Error(`${tally.delivered} deliveries of ${total} expected are a defect of the harness: please report it`);

  const report = <T>(step: Promise<T>): Promise<T> => withDeadline("collecting what was measured", timeoutMs, step);
  const pausedCount = assignment.pausedClients.length;
  const paused = pausedCount > 0 ? await report(readPausedClients(processes, pausedCount)) : undefined;
  // A short session that failed has its own reason.
  const someLost = tally.delivered < total && !plan.settings.connectPerMessage;
  const allGone = await readGone(run);
  const unaffected = bystanderWorkers(plan, processes);
  const missing = someLost ? await report(missingDeliveries(unaffected, processes, allGone)) : noneMissing;
  const faultReports = measured.faultTimes && (await report(readFault(processes, measured.faultTimes)));
  const workerHistograms = await report(processes.callWorkers("histograms", undefined));
  const serverHistograms = await report(processes.callServers("histograms", undefined));
  const memoryGrowth = await report(processes.memoryGrowth());
  const sessionsFailed = measured.windowResults.some(({ sessions }) => sessions && sessions.failures.size > 0);
  if (!sessionsFailed) {
    const left = connections.steady - (paused?.dropped ?? 0);
    const counting = assertConnections(processes, left, closeMs, plan.fault !== undefined);
    await withDeadline("counting connections", timeoutMs, counting);
  }
  return {
    tally,
    paused,
    gone: allGone,
    expected,
    missing,
    workerHistograms,
    serverHistograms: serverHistograms.filter((each) => each !== undefined),
    memoryGrowth,
    faultReports,
    afterDrain: await snapshot({ processes, withDeadline }),
    pathAtEnd: await processes.network?.state(),
  };
}

/** The clients that are gone. Rejects with a sentence where these are too many. */
function readGone({ withDeadline, limit }: RunningTrial): Promise<readonly GoneClient[]> {
  return withDeadline("asking for lost connections", timeoutMs, limit.check());
}

function snapshot({ processes, withDeadline }: Pick<RunningTrial, "processes" | "withDeadline">) {
  return withDeadline("reading the servers' state", timeoutMs, processes.snapshot());
}
