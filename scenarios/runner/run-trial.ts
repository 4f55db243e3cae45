import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";
import type { Measurement, DeliveryTally } from "../../results/model/measurement.ts";
import { startProcesses, type TrialProcesses } from "./trial-processes.ts";
import { buildMeasurement, type PausedClients } from "./build-measurement.ts";
import { deadlinesFor } from "./deadlines.ts";
import { idleCycles, trialOptions } from "../definitions/trial-options.ts";
import type { ServerSnapshot } from "./server-snapshot.ts";
import { sleepUntil } from "../lib/pace.ts";
import { planSchedule } from "../workload/schedule.ts";
import type { Trial } from "../definitions/settings.ts";
import { waitUntilIdle, waitUntilStable } from "./warmup.ts";
import { pauseSlowConsumers } from "./pause-clients.ts";
import { loadTrace } from "../definitions/trace.ts";
import { secondBoundaries } from "../system/process-usage.ts";
import { watchProgress, type ProgressView } from "./progress.ts";
import { loadTransport, optionsFor, transportLabel } from "../transports/load-transport.ts";
import { assignClients, type Assignment } from "../workload/assignment.ts";

/** Connects under way at once, over all workers: more only queue in the kernel. */
const connectsInFlight = 256;
/** How long a step may take beyond the time it has by itself; where it says how far it is, how long it may stand still. */
const timeoutMs = 30_000;
/** Time from a signal to the first due message, for the signal to reach every process. */
const leadUs = 250_000;
/** Shortest time to wait for what is still on its way after T1. */
const drainMs = 10_000;
/** How long nothing more has come when what an unreliable transport has not delivered is taken for lost. */
const lostMs = 2_000;
/** How long the last goodbyes of visits may take to be answered. */
const goodbyesMs = 5_000;
/** How long a finished drain is watched on, for duplicates that come after the last first delivery. */
const settleMs = 100;
/** How long clients have for their goodbyes to a server that will go on. */
const goodbyeMs = 3_000;

/** What a trial lets be done to it: a proof stops one of its processes, say. Called when T0 is agreed. */
export type OnWindowScheduled = (processes: TrialProcesses, times: { t0Us: number; t1Us: number }) => void;

/**
 * Runs one trial in processes of its own and says what it measured. Rejects with one sentence when a process dies, a link is lost, a
 * phase takes too long or `signal` aborts; every process has ended either way.
 */
export async function runTrial(
  trial: Trial,
  signal: AbortSignal,
  show: (view: ProgressView) => void,
  disturb: OnWindowScheduled = () => undefined,
): Promise<Measurement> {
  const { transport: name, settings, target } = trial;
  const { clients, app, servers, warmupMs, maxWarmupMs, durationMs } = settings;
  const transport = await loadTransport(name);
  const trace = loadTrace(settings);
  const assignment = assignClients(settings, trace);
  const { dueUs, warmupCount } = planSchedule(settings, assignment.senders, assignment.serverSenders, trace);
  const options = trialOptions(settings, transport);
  const deliveryBoundMs = transport.guarantees.deliveryBoundMs?.(optionsFor(transport, options)) ?? 0;
  const limitMs = Math.max(drainMs, 3 * deliveryBoundMs);
  const idle = idleCycles(settings, transport);
  const habit = settings.connectPerMessage
    ? perMessage(assignment.clientsByWorker.length, limitMs)
    : persistent(clients);

  const processes = await startProcesses(
    transportLabel(name),
    { servers, workers: assignment.clientsByWorker.length },
    target,
  );
  const guard = deadlinesFor(processes, signal);
  const view = watchProgress(processes, clients, show);
  const state = () => guard("report their state", timeoutMs, processes.state());
  const far = (count: "connected" | "verified") => async () => (await processes.progress())[count];
  try {
    view.enter("starting");
    const fromUs = nowUs();
    const addresses = await guard("start", timeoutMs, processes.serve({ transport: name, app, options, settings }));
    const rest = await state();

    view.enter("connecting");
    const inFlight = Math.ceil(connectsInFlight / processes.workers.length);
    const visit = target && { roomPrefix: randomBytes(4).toString("hex") };
    const orders = processes.workers.map((_, worker) => ({ ...trial, ...visit, options, addresses, inFlight, worker }));
    const connecting = processes.workers.map((each, worker) => each.call("connect", orders[worker]!));
    const connected = await guard("connect every client", timeoutMs, Promise.all(connecting), far("connected"));
    const whenConnected = await guard("know every client", timeoutMs, everybodyThere(processes, habit.connect));
    const beating = idle !== undefined && nowUs() - fromUs > 1000 * idle.cycleMs;

    view.enter("verifying");
    const verified = processes.callWorkers("verify", nowUs() + leadUs);
    await guard("answer every client's first message", timeoutMs + 3 * deliveryBoundMs, verified, far("verified"));
    await guard("count their links", timeoutMs, recount(processes, habit.stay, habit.goodbyesMs));
    const begun = await state();

    const startUs = nowUs() + leadUs;
    view.enter("warming up", startUs + warmupMs * 1000);
    const speaking = Promise.all([processes.callServers("warmUp", startUs), processes.callWorkers("warmUp", startUs)]);
    await guard("warm up", timeoutMs, speaking);
    const steady = (): Promise<undefined> =>
      waitUntilStable(processes, startUs, warmupMs, maxWarmupMs).then(() => undefined);
    const warm = idle ? waitUntilIdle(processes, idle.cycleMs) : steady();
    const before = await guard("warm up", maxWarmupMs + 3 * (idle?.cycleMs ?? 0) + timeoutMs, warm);

    const t0Us = nowUs() + leadUs;
    const times = { t0Us, t1Us: t0Us + durationMs * 1000 };
    const edges = secondBoundaries(t0Us, times.t1Us);
    const stopping =
      assignment.pausedClients.length > 0 ? pauseSlowConsumers(processes.workers.at(-1)!, times) : undefined;
    const playing = Promise.all([
      processes.callWorkers("runWindow", times),
      processes.watch(edges),
      processes.callServers("runWindow", times),
      stopping,
    ]);
    disturb(processes, times);
    await guard("begin", timeoutMs, Promise.race([playing, sleepUntil(t0Us)]));
    view.enter("measuring", times.t1Us);
    const playingMs = durationMs + (settings.halfDuplexSlotMs ?? 0) + habit.lateMs + timeoutMs;
    const [played, window, said] = await guard("send what was planned", playingMs, playing);
    const after = idle && (await state());

    view.enter("draining");
    const expected = [...played, ...said].reduce((sum, each) => sum + each.expected + each.pausedExpected, 0);
    const mayLose = transport.guarantees.reliable === false || assignment.pausedClients.length > 0;
    const stillMs = habit.lateMs > 0 ? 0 : mayLose ? lostMs + deliveryBoundMs : limitMs;
    const tally = await guard("report what arrived", limitMs + timeoutMs, drain(processes, expected, limitMs, stillMs));
    const slow =
      assignment.pausedClients.length > 0
        ? await guard("report what arrived", timeoutMs, slowOf(processes, assignment))
        : undefined;
    const values = await guard("report what was measured", timeoutMs, processes.callWorkers("histograms", undefined));
    const received = await guard("report what was measured", timeoutMs, processes.callServers("histograms", undefined));
    const growth = await guard("report their memory", timeoutMs, processes.growth());
    const failed = played.some(({ sessions }) => sessions && sessions.failures.size > 0);
    const there = habit.stay - (slow?.dropped ?? 0);
    if (!failed) await guard("count their links", timeoutMs, recount(processes, there, habit.goodbyesMs));
    const end = await state();
    if (tally.delivered > expected)
      throw new Error(`${tally.delivered} deliveries of ${expected} are more than can be: please report it`);

    return buildMeasurement({
      asks: transport.idlePeriodOption === "pollIntervalMs" || transport.idlePeriodOption === "holdMs",
      dueUs: dueUs.subarray(warmupCount),
      servers: { rest, connected: beating ? undefined : whenConnected, begun, window, end },
      growth,
      connected,
      warmupUs: t0Us - startUs,
      idle: idle && { ...idle, before, after },
      played,
      said,
      tally,
      values,
      heard: received.filter((each) => each !== undefined),
      hubSpeaks: assignment.serverSenders.length > 0,
      turns: settings.halfDuplexSlotMs !== undefined,
      slow,
      quiet: assignment.hasSenderWorker,
      isolated: processes.isolated,
    });
  } finally {
    view.leave();
    if (target) await goodbye(processes);
    await processes.kill();
  }
}

/** How many links there are, and how long what was begun in the window may still take. */
interface ExpectedConnections {
  /** Links when all have connected. */
  connect: number;
  /** Links whenever nobody is about to come or to go. */
  stay: number;
  goodbyesMs: number;
  /** How long after T1 a client may still be at what it was due to do in the window; then nothing is on its way any more. */
  lateMs: number;
}

function persistent(clients: number): ExpectedConnections {
  return { connect: clients, stay: clients, goodbyesMs: 0, lateMs: 0 };
}

/** Each worker has a scout, who connects as the others would, and leaves. */
function perMessage(scouts: number, lateMs: number): ExpectedConnections {
  return { connect: scouts, stay: 0, goodbyesMs, lateMs };
}

/** Has every client leave, so that a server that goes on is as it was before. Gives up after a while. */
async function goodbye(processes: TrialProcesses): Promise<void> {
  const leaving = processes.callWorkers("leave", undefined).catch(() => undefined);
  await Promise.race([leaving, delay(goodbyeMs, undefined, { ref: false })]);
}

/** Waits until everything expected has arrived, nothing more has for `stillMs`, or the time is up, and says what has arrived. */
async function drain(
  processes: TrialProcesses,
  expected: number,
  limitMs: number,
  stillMs: number,
): Promise<DeliveryTally> {
  const endUs = nowUs() + limitMs * 1000;
  let [before, giveUpUs] = [-1, endUs];
  for (;;) {
    const { delivered } = (await processes.progress(true)).tally;
    if (delivered > before) [before, giveUpUs] = [delivered, Math.min(endUs, nowUs() + stillMs * 1000)];
    if (delivered >= expected || nowUs() >= giveUpUs) break;
    await delay(50);
  }
  await delay(settleMs);
  return (await processes.progress(true)).tally;
}

/** The servers when the last client is there for them, too: who shakes hands is done before its last word has arrived. */
async function everybodyThere(processes: TrialProcesses, due: number): Promise<ServerSnapshot> {
  for (;;) {
    const moment = await processes.state();
    if (moment.connectedClients === undefined || moment.connectedClients >= due) return moment;
    await delay(5);
  }
}

/**
 * Throws where a link is gone that nobody has reported, or where one is still there `withinMs` later that should not. Servers that are not
 * ours are not asked.
 */
async function recount(processes: TrialProcesses, due: number, withinMs: number): Promise<void> {
  const endUs = nowUs() + withinMs * 1000;
  for (;;) {
    const { connectedClients = due } = await processes.state();
    const { open } = await processes.progress();
    if (open === due && connectedClients === due) return;
    if (nowUs() >= endUs)
      throw new Error(
        due > 0
          ? `links were lost: of ${due}, ${open} are open at the clients and ${connectedClients} at the servers`
          : `everybody has left, but ${open} links are open at the clients and ${connectedClients} at the servers`,
      );
    await delay(50);
  }
}

/** What the clients that were stopped have had, and how many of them the server has dropped. */
async function slowOf(processes: TrialProcesses, { pausedClients }: Assignment): Promise<PausedClients> {
  const { tally, open } = await processes.workers.at(-1)!.call("progress", undefined);
  return { clients: pausedClients.length, dropped: pausedClients.length - open, tally };
}
