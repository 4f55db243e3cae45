import { arrivalUs, nowUs } from "../lib/clock.ts";
import type { ConnectionHandler, Connection } from "../contract.ts";
import { openLedger, type MeasurementWindow } from "./delivery-ledger.ts";
import { pace, realClock, sleepUntil } from "../lib/pace.ts";
import { createPayloads } from "../workload/payloads.ts";
import { openSessionSlots } from "./session-slots.ts";
import { planSchedule, type Schedule } from "../workload/schedule.ts";
import { retryMs, type WorkerAssignment, type VirtualClients } from "./virtual-clients.ts";
import { seededRandom } from "../lib/random.ts";
import { openRecorder } from "./recorder.ts";
import { snapshotsAt, secondBoundaries, processUsage } from "../system/process-usage.ts";
import { openFirstSession } from "./first-session.ts";
import { startSession, type Session } from "./session.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";

/** The plan of visits: each is made by somebody who comes once and is alone in a room, and bears the number of its message. */
export function sessionSchedule({ dueUs, warmupCount }: Pick<Schedule, "dueUs" | "warmupCount">): Schedule {
  return {
    sender: Int32Array.from(dueUs.keys()),
    seq: new Int32Array(dueUs.length),
    dueUs,
    sendUs: dueUs,
    warmupCount,
  };
}

/** Milliseconds after T1, and three times what the transport may take, in which visits that were due before may still be made. */
export const overtimeMs = 10_000;

/**
 * Prepares one worker's share of the visits: a player whose clients are there only for as long as one message takes. Before the load a scout
 * connects, so that the bytes of connecting can be told, has an answer and leaves. From then on a visit that fails is counted by its reason
 * and is no failure of the trial.
 */
export async function startShortSessions({
  settings,
  worker,
  addresses,
  ...order
}: WorkerAssignment): Promise<VirtualClients> {
  const schedule = sessionSchedule(planSchedule(settings, [0]));
  const { dueUs, warmupCount } = schedule;
  const content = createPayloads(settings.payloadBytes, settings.payloadKind, settings.seed);
  const asText = settings.payloadKind === "text";
  const transport = await loadTransport(order.transport);
  const { default: connectLink } = await transport.client();
  const options = optionsFor(transport, order.options);
  const deliveryBoundMs = transport.guarantees.deliveryBoundMs?.(options) ?? 0;
  const chance = seededRandom(settings.seed ^ worker);

  const mine = [...dueUs.keys()].filter((message) => message % settings.workers === worker);
  const record = openRecorder(schedule);
  const failures = new Map<string, number>();
  const count = (what: string): void => void failures.set(what, (failures.get(what) ?? 0) + 1);
  const window: MeasurementWindow = { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
  const own = (visitor: number): number => visitor;
  const assignment = { allSenders: [...schedule.sender], roomOf: own, audienceRoom: own };
  const ledger = openLedger(mine, assignment, schedule, content, window, record.onDelivery);
  const going = new Set<Session>();
  const places = openSessionSlots(Math.ceil(settings.clients / settings.workers), begin);
  let [sent, waited, lastReadyUs] = [0, 0, 0];
  let [arrived, talked] = [false, false];

  const listeners = addresses.flat();
  const connect = (handler: ConnectionHandler, listener: number): Promise<Connection> =>
    connectLink(listeners[listener % listeners.length]!, handler, { ...options, phase: chance() });
  const timeoutMs = options.handshakeMs + 3 * deliveryBoundMs;
  const sayAgainMs = transport.guarantees.reliable === false ? retryMs : Infinity;
  const scout = openFirstSession((handler) => connect(handler, worker), { patienceMs: timeoutMs, againMs: sayAgainMs });

  /** Makes a visit: the one with that place among those of this worker. */
  function begin(place: number, late: boolean): void {
    const message = mine[place]!;
    const measured = message >= warmupCount;
    const fromUs = nowUs();
    const lagUs = Math.max(0, Math.round(fromUs - dueUs[message]! - (measured ? window.t0Us : window.startUs)));
    if (measured) {
      sent++;
      record.sendLag.record(lagUs);
      if (late) waited++;
    }
    const made = startSession(
      (handler) => connect(handler, message),
      {
        ready(connection) {
          const readyUs = nowUs();
          connection.send(content.stamped(message, 0, lagUs), asText);
          if (!measured) return;
          record.connect.record(Math.round(readyUs - fromUs));
          lastReadyUs = readyUs;
        },
        received: (payload, isText) => ledger.recordDelivery(place, payload, isText, arrivalUs()),
        failed: (reason) => void (measured && count(reason)),
        ended() {
          going.delete(made);
          places.release();
        },
      },
      timeoutMs,
    );
    going.add(made);
  }

  /** Has the visits of this worker from one message to before another begin when they are due. */
  async function sessions(from: number, to: number, originUs: number, until?: () => number): Promise<void> {
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
      await scout.exchange();
      talked = true;
    },

    warmUp(startUs) {
      window.startUs = startUs;
      void sessions(0, warmupCount, startUs, () => window.t0Us);
    },

    async runWindow({ t0Us, t1Us }) {
      window.t0Us = t0Us;
      window.t1Us = t1Us;
      const edges = snapshotsAt(secondBoundaries(t0Us, t1Us), processUsage);
      await sessions(warmupCount, dueUs.length, t0Us);
      const overtimeUs = 1000 * (overtimeMs + 3 * deliveryBoundMs);
      await Promise.race([edges.then(places.drained), sleepUntil(t1Us + overtimeUs)]);
      places.cancelWaiting();
      for (const each of going) each.abort(`no answer ${Math.round(overtimeUs / 1e6)} s after the window`);
      const connecting = { fromUs: t0Us, toUs: Math.max(t1Us, lastReadyUs) };
      const told = { connecting, delayed: waited, failures: failures };
      return { sent, expected: sent, pausedExpected: 0, usage: await edges, sessions: told };
    },

    progress: () => ({
      connected: going.size + Number(arrived && !talked),
      verified: Number(talked),
      open: going.size,
      tally: ledger.tally(),
    }),

    histograms: record.histograms,
    leave: () => Promise.resolve(),
  };
}
