import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../clients/lib/clock.ts";
import type { Measurement } from "../results/measurement.ts";
import type { Options, Transport } from "./contract.ts";
import { startCrew, type Crew } from "./crew.ts";
import { gather } from "./gather.ts";
import { guardOf } from "./guard.ts";
import type { Tally } from "./ledger.ts";
import { sleepUntil } from "./pace.ts";
import { cast, plan } from "./plan.ts";
import type { Settings, Trial } from "./settings.ts";
import { quiet, warmedUp } from "./steady.ts";
import { loadTransport, optionsFor, transportLabel } from "./transports.ts";
import { secondEdges } from "./usage.ts";
import { watch, type View } from "./view.ts";

/** Connects under way at once, over all workers: more only queue in the kernel. */
const connectsInFlight = 256;
/** Time from a signal to the first due message, for the signal to reach every process. */
const leadUs = 250_000;
/** Shortest time to wait for what is still on its way after T1. */
const drainMs = 10_000;
/** How long nothing more has come when what an unreliable transport has not delivered is taken for lost. */
const lostMs = 2_000;
/** How long a finished drain is watched on, for duplicates that come after the last first delivery. */
const settleMs = 100;

/** What a trial lets be done to it: a proof stops one of its processes, say. Called when T0 is agreed. */
export type Disturb = (crew: Crew, times: { t0Us: number; t1Us: number }) => void;

/**
 * Runs one trial in processes of its own and says what it measured. Rejects with one sentence when a process dies, a link is lost, a
 * phase takes too long or `signal` aborts; every process has ended either way.
 */
export async function run(
  trial: Trial,
  signal: AbortSignal,
  show: (view: View) => void,
  disturb: Disturb = () => undefined,
): Promise<Measurement> {
  const { transport: name, settings } = trial;
  const { clients, app, warmupMs, maxWarmupMs, durationMs, idleCycles } = settings;
  const transport = await loadTransport(name);
  const scene = cast(settings);
  const script = plan(settings, scene.senders);
  const options = trialOptions(settings);
  const boundMs = transport.promises.deliveryBoundMs?.(optionsFor(transport, options)) ?? 0;
  const patienceMs = 30_000 + 10 * clients;

  const crew = await startCrew(transportLabel(name), scene.shares.length);
  const guard = guardOf(crew, signal);
  const view = watch(crew, clients, show);
  const state = () => guard("report its state", patienceMs, crew.server.call("state", undefined));
  try {
    view.enter("starting");
    const addresses = await guard("start", patienceMs, crew.server.call("serve", { transport: name, app, options }));
    const rest = await state();

    view.enter("connecting");
    const inFlight = Math.ceil(connectsInFlight / crew.workers.length);
    const orders = crew.workers.map((_, worker) => ({ ...trial, options, addresses, inFlight, worker }));
    const connecting = crew.workers.map((each, worker) => each.call("connect", orders[worker]!));
    const connected = await guard("connect every client", patienceMs, Promise.all(connecting));
    const whenConnected = await state();

    view.enter("verifying");
    await guard("answer every client's first message", patienceMs + 3 * boundMs, crew.all("verify", nowUs() + leadUs));

    const startUs = nowUs() + leadUs;
    view.enter("warming up", startUs + warmupMs * 1000);
    await guard("warm up", patienceMs, crew.all("warmUp", startUs));
    const warm = idleCycles ? quiet(crew, durationMs / idleCycles / 4) : warmedUp(crew, startUs, warmupMs, maxWarmupMs);
    await guard("warm up", maxWarmupMs + patienceMs, warm);

    const t0Us = nowUs() + leadUs;
    const times = { t0Us, t1Us: t0Us + durationMs * 1000 };
    const playing = Promise.all([crew.all("play", times), crew.server.call("watch", secondEdges(t0Us, times.t1Us))]);
    disturb(crew, times);
    await guard("begin", patienceMs, Promise.race([playing, sleepUntil(t0Us)]));
    view.enter("measuring", times.t1Us);
    const [played, window] = await guard("send what was planned", durationMs + patienceMs, playing);

    view.enter("draining");
    const expected = played.reduce((sum, each) => sum + each.expected, 0);
    const limitMs = Math.max(drainMs, 3 * boundMs);
    const stillMs = transport.promises.reliable === false ? lostMs : limitMs;
    const tally = await guard("report what arrived", limitMs + patienceMs, drain(crew, expected, limitMs, stillMs));
    const values = await guard("report what was measured", patienceMs, crew.all("values", undefined));
    const growth = await guard("report its memory", patienceMs, crew.server.call("growth", undefined));
    const end = await state();
    await guard("count their links", patienceMs, recount(crew, clients));
    if (tally.delivered > expected)
      throw new Error(`${tally.delivered} deliveries of ${expected} are more than can be: please report it`);

    return gather({
      dueUs: script.dueUs.subarray(script.warmup),
      server: { rest, connected: whenConnected, window, end },
      growth,
      connected,
      warmupUs: t0Us - startUs,
      idle: idleOf(settings, transport),
      played,
      tally,
      values,
      quiet: scene.quiet,
      isolated: crew.isolated,
    });
  } finally {
    view.leave();
    await crew.kill();
  }
}

/**
 * Under load, heartbeats are pushed beyond the trial, or a storm of them falls in or out by luck; without load, what goes on is made
 * to go on often. A payload larger than usual is let through.
 */
export function trialOptions({
  maxWarmupMs,
  durationMs,
  payloadBytes,
  idleCycles,
  extraHeaderBytes,
}: Settings): Partial<Options> {
  const periodMs = idleCycles && durationMs / idleCycles;
  return {
    extraHeaderBytes,
    ...(periodMs
      ? { heartbeatMs: periodMs, pollIntervalMs: periodMs, holdMs: periodMs }
      : { heartbeatMs: maxWarmupMs + durationMs + 600_000 }),
    ...(payloadBytes > 2 ** 20 && { maxPayloadBytes: 2 * payloadBytes, queueBytes: 8 * payloadBytes }),
  };
}

function idleOf({ idleCycles }: Settings, transport: Transport): Measurement["idle"] {
  if (!idleCycles) return undefined;
  return { cycles: idleCycles, periodMs: optionsFor(transport, {})[transport.cycle ?? "heartbeatMs"] };
}

/** Waits until everything expected has arrived, nothing more has for `stillMs`, or the time is up, and says what has arrived. */
async function drain(crew: Crew, expected: number, limitMs: number, stillMs: number): Promise<Tally> {
  const endUs = nowUs() + limitMs * 1000;
  let [before, giveUpUs] = [-1, endUs];
  for (;;) {
    const { delivered } = (await crew.progress()).tally;
    if (delivered > before) [before, giveUpUs] = [delivered, Math.min(endUs, nowUs() + stillMs * 1000)];
    if (delivered >= expected || nowUs() >= giveUpUs) break;
    await delay(50);
  }
  await delay(settleMs);
  return (await crew.progress()).tally;
}

/** Throws where a link is gone that nobody has reported. */
async function recount(crew: Crew, clients: number): Promise<void> {
  const { present } = await crew.server.call("state", undefined);
  const { open } = await crew.progress();
  if (open !== clients || present !== clients)
    throw new Error(`links were lost: of ${clients}, ${open} are open at the clients and ${present} at the server`);
}
