import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../clients/lib/clock.ts";
import type { Measurement } from "../results/measurement.ts";
import { startCrew, type Crew } from "./crew.ts";
import { gather } from "./gather.ts";
import { guardOf } from "./guard.ts";
import type { Tally } from "./ledger.ts";
import { idleCycles, trialOptions } from "./options.ts";
import { sleepUntil } from "./pace.ts";
import { cast, plan } from "./plan.ts";
import type { Trial } from "./settings.ts";
import { quiet, warmedUp } from "./steady.ts";
import { loadTransport, optionsFor, transportLabel } from "./transports.ts";
import { secondEdges } from "./usage.ts";
import { watch, type View } from "./view.ts";

/** Connects under way at once, over all workers: more only queue in the kernel. */
const connectsInFlight = 256;
/** How long a step may take beyond the time it has by itself; where it says how far it is, how long it may stand still. */
const patienceMs = 30_000;
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
  const { transport: name, settings, target } = trial;
  const { clients, app, servers, warmupMs, maxWarmupMs, durationMs } = settings;
  const transport = await loadTransport(name);
  const scene = cast(settings);
  const { dueUs, warmup } = plan(settings, scene.senders);
  const options = trialOptions(settings, transport);
  const boundMs = transport.promises.deliveryBoundMs?.(optionsFor(transport, options)) ?? 0;
  const idle = idleCycles(settings, transport);

  const crew = await startCrew(transportLabel(name), { servers, workers: scene.shares.length }, target);
  const guard = guardOf(crew, signal);
  const view = watch(crew, clients, show);
  const state = () => guard("report their state", patienceMs, crew.state());
  const far = (count: "connected" | "entered") => async () => (await crew.progress())[count];
  try {
    view.enter("starting");
    const fromUs = nowUs();
    const addresses = await guard("start", patienceMs, crew.serve({ transport: name, app, options }));
    const rest = await state();

    view.enter("connecting");
    const inFlight = Math.ceil(connectsInFlight / crew.workers.length);
    const orders = crew.workers.map((_, worker) => ({ ...trial, options, addresses, inFlight, worker }));
    const connecting = crew.workers.map((each, worker) => each.call("connect", orders[worker]!));
    const connected = await guard("connect every client", patienceMs, Promise.all(connecting), far("connected"));
    const whenConnected = await state();
    const beating = idle !== undefined && nowUs() - fromUs > 1000 * idle.cycleMs;

    view.enter("verifying");
    const verified = crew.all("verify", nowUs() + leadUs);
    await guard("answer every client's first message", patienceMs + 3 * boundMs, verified, far("entered"));

    const startUs = nowUs() + leadUs;
    view.enter("warming up", startUs + warmupMs * 1000);
    await guard("warm up", patienceMs, crew.all("warmUp", startUs));
    const steady = (): Promise<undefined> => warmedUp(crew, startUs, warmupMs, maxWarmupMs).then(() => undefined);
    const warm = idle ? quiet(crew, idle.cycleMs) : steady();
    const before = await guard("warm up", maxWarmupMs + 3 * (idle?.cycleMs ?? 0) + patienceMs, warm);

    const t0Us = nowUs() + leadUs;
    const times = { t0Us, t1Us: t0Us + durationMs * 1000 };
    const playing = Promise.all([crew.all("play", times), crew.watch(secondEdges(t0Us, times.t1Us))]);
    disturb(crew, times);
    await guard("begin", patienceMs, Promise.race([playing, sleepUntil(t0Us)]));
    view.enter("measuring", times.t1Us);
    const [played, window] = await guard("send what was planned", durationMs + patienceMs, playing);
    const after = idle && (await state());

    view.enter("draining");
    const expected = played.reduce((sum, each) => sum + each.expected, 0);
    const limitMs = Math.max(drainMs, 3 * boundMs);
    const stillMs = transport.promises.reliable === false ? lostMs : limitMs;
    const tally = await guard("report what arrived", limitMs + patienceMs, drain(crew, expected, limitMs, stillMs));
    const values = await guard("report what was measured", patienceMs, crew.all("values", undefined));
    const growth = await guard("report their memory", patienceMs, crew.growth());
    const end = await state();
    await guard("count their links", patienceMs, recount(crew, clients));
    if (tally.delivered > expected)
      throw new Error(`${tally.delivered} deliveries of ${expected} are more than can be: please report it`);

    return gather({
      asks: transport.cycle === "pollIntervalMs" || transport.cycle === "holdMs",
      dueUs: dueUs.subarray(warmup),
      servers: { rest, connected: beating ? undefined : whenConnected, window, end },
      growth,
      connected,
      warmupUs: t0Us - startUs,
      idle: idle && { ...idle, before, after },
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

/** Throws where a link is gone that nobody has reported. Servers that are not ours are not asked. */
async function recount(crew: Crew, clients: number): Promise<void> {
  const { present = clients } = await crew.state();
  const { open } = await crew.progress();
  if (open !== clients || present !== clients)
    throw new Error(`links were lost: of ${clients}, ${open} are open at the clients and ${present} at the servers`);
}
