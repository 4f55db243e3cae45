import { arrivalUs, nowUs } from "../lib/clock.ts";
import type { Inbox, Link } from "../contract.ts";
import { openLedger, type Window } from "./delivery-ledger.ts";
import { pace, realClock, sleepUntil } from "../lib/pace.ts";
import { payloads } from "../workload/payloads.ts";
import { openPlaces } from "./session-slots.ts";
import { plan, type Plan } from "../workload/plan.ts";
import { againMs, type Order, type Player } from "./virtual-clients.ts";
import { random } from "../lib/random.ts";
import { openRecorder } from "./recorder.ts";
import { loadTransport, optionsFor } from "../transports.ts";
import { atTimes, secondEdges, usage } from "../system/process-usage.ts";
import { openScout } from "./first-session.ts";
import { visit, type Visit } from "./session.ts";

/** The plan of visits: each is made by somebody who comes once and is alone in a room, and bears the number of its message. */
export function visitPlan({ dueUs, warmup }: Pick<Plan, "dueUs" | "warmup">): Plan {
  return { sender: Int32Array.from(dueUs.keys()), seq: new Int32Array(dueUs.length), dueUs, sendUs: dueUs, warmup };
}

/** Milliseconds after T1, and three times what the transport may take, in which visits that were due before may still be made. */
export const overtimeMs = 10_000;

/**
 * Prepares one worker's share of the visits: a player whose clients are there only for as long as one message takes. Before the load a scout
 * connects, so that the bytes of connecting can be told, has an answer and leaves. From then on a visit that fails is counted by its reason
 * and is no failure of the trial.
 */
export async function startVisits({ settings, worker, addresses, ...order }: Order): Promise<Player> {
  const script = visitPlan(plan(settings, [0]));
  const { dueUs, warmup } = script;
  const content = payloads(settings.payloadBytes, settings.payloadKind, settings.seed);
  const asText = settings.payloadKind === "text";
  const transport = await loadTransport(order.transport);
  const { default: connectLink } = await transport.client();
  const options = optionsFor(transport, order.options);
  const boundMs = transport.promises.deliveryBoundMs?.(options) ?? 0;
  const chance = random(settings.seed ^ worker);

  const mine = [...dueUs.keys()].filter((message) => message % settings.workers === worker);
  const record = openRecorder(script);
  const troubles = new Map<string, number>();
  const count = (what: string): void => void troubles.set(what, (troubles.get(what) ?? 0) + 1);
  const window: Window = { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
  const own = (visitor: number): number => visitor;
  const scene = { speakers: [...script.sender], roomOf: own, heardIn: own };
  const ledger = openLedger(mine, scene, script, content, window, record.onDelivery);
  const going = new Set<Visit>();
  const places = openPlaces(Math.ceil(settings.clients / settings.workers), begin);
  let [sent, waited, lastReadyUs] = [0, 0, 0];
  let [arrived, talked] = [false, false];

  const doors = addresses.flat();
  const connect = (inbox: Inbox, door: number): Promise<Link> =>
    connectLink(doors[door % doors.length]!, inbox, { ...options, phase: chance() });
  const patienceMs = options.handshakeMs + 3 * boundMs;
  const sayAgainMs = transport.promises.reliable === false ? againMs : Infinity;
  const scout = openScout((inbox) => connect(inbox, worker), { patienceMs, againMs: sayAgainMs });

  /** Makes a visit: the one with that place among those of this worker. */
  function begin(place: number, late: boolean): void {
    const message = mine[place]!;
    const measured = message >= warmup;
    const fromUs = nowUs();
    const lagUs = Math.max(0, Math.round(fromUs - dueUs[message]! - (measured ? window.t0Us : window.startUs)));
    if (measured) {
      sent++;
      record.sendLag.record(lagUs);
      if (late) waited++;
    }
    const made = visit(
      (inbox) => connect(inbox, message),
      {
        ready(link) {
          const readyUs = nowUs();
          link.send(content.stamped(message, 0, lagUs), asText);
          if (!measured) return;
          record.connect.record(Math.round(readyUs - fromUs));
          lastReadyUs = readyUs;
        },
        heard: (payload, isText) => ledger.enter(place, payload, isText, arrivalUs()),
        failed: (reason) => void (measured && count(reason)),
        over() {
          going.delete(made);
          places.leave();
        },
      },
      patienceMs,
    );
    going.add(made);
  }

  /** Has the visits of this worker from one message to before another begin when they are due. */
  async function visits(from: number, to: number, originUs: number, until?: () => number): Promise<void> {
    const first = mine.findIndex((message) => message >= from);
    const due = mine.filter((message) => message >= from && message < to).map((message) => originUs + dueUs[message]!);
    await pace(due, (i) => places.take(first + i), settings.precise, realClock, until);
  }

  return {
    async connect() {
      const fromUs = nowUs();
      await scout.connect();
      arrived = true;
      return { fromUs, toUs: nowUs() };
    },

    async verify() {
      await scout.talk();
      talked = true;
    },

    warmUp(startUs) {
      window.startUs = startUs;
      void visits(0, warmup, startUs, () => window.t0Us);
    },

    async play({ t0Us, t1Us }) {
      window.t0Us = t0Us;
      window.t1Us = t1Us;
      const edges = atTimes(secondEdges(t0Us, t1Us), usage);
      await visits(warmup, dueUs.length, t0Us);
      const overtimeUs = 1000 * (overtimeMs + 3 * boundMs);
      await Promise.race([edges.then(places.empty), sleepUntil(t1Us + overtimeUs)]);
      places.shut();
      for (const each of going) each.giveUp(`no answer ${Math.round(overtimeUs / 1e6)} s after the window`);
      const connecting = { fromUs: t0Us, toUs: Math.max(t1Us, lastReadyUs) };
      const told = { connecting, waited, troubles };
      return { sent, expected: sent, slowExpected: 0, usage: await edges, visits: told };
    },

    progress: () => ({
      connected: going.size + Number(arrived && !talked),
      entered: Number(talked),
      open: going.size,
      tally: ledger.tally(),
    }),

    values: record.values,
    leave: () => Promise.resolve(),
  };
}
