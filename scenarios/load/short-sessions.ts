import type { Connection, ConnectionHandler } from "../contract.ts";
import { abortBounds } from "../definitions/abort-bounds.ts";
import { nowUs } from "../lib/clock.ts";
import { sleepUntil } from "../lib/pace.ts";
import { seededRandom } from "../lib/random.ts";
import { createPayloads } from "../workload/payloads.ts";
import { apportion, dealByShares } from "../workload/shares.ts";
import { planSchedule, type Schedule } from "../workload/schedule.ts";
import type { GoneClient } from "../workload/gone-client.ts";
import type { Dialer } from "./dialer.ts";
import { openFirstSession, type FirstSession } from "./first-session.ts";
import type { WindowTimes } from "./measurement-window.ts";
import type { MissingDeliveries } from "./missing-deliveries.ts";
import type { Histograms, MessageLatencies } from "./recorder.ts";
import { openSessionSlots, type SessionSlots } from "./session-slots.ts";
import { startSession, type Session } from "./session.ts";
import type {
  ConnectResult,
  VirtualClients,
  WorkerFaultReport,
  WindowResult,
  WorkerAssignment,
  WorkerProgress,
} from "./virtual-clients.ts";
import { Workload, type PartOfWindow, type PayloadTotals, type WatchedCounts } from "./workload.ts";

/**
 * Milliseconds after T1, beside three delivery bounds, in which sessions that were due before T1 may still begin and
 * end.
 */
export const overtimeMs = 10_000;

/**
 * The schedule of sessions: each session is a sender of its own, alone in a room, with the number of its only message.
 */
export function sessionSchedule({ dueUs, warmupCount }: Pick<Schedule, "dueUs" | "warmupCount">): Schedule {
  const sender = Int32Array.from(dueUs.keys());
  return { sender, seq: new Int32Array(dueUs.length), dueUs, sendUs: dueUs, warmupCount };
}

/** Sessions that a worker may have open at once: at least one, so that a worker with few clients still sends. */
function slotsOf({ clients, workers, shares }: WorkerAssignment["settings"], worker: number): number {
  return shares ? Math.max(1, apportion(clients, shares)[worker]!) : Math.ceil(clients / workers);
}

/**
 * Clients that connect for one message: a session connects when its message is due, sends it, waits for the answer and
 * leaves. One first session before the load weighs the bytes of connecting. From then on a failed session is counted by
 * its reason and does not fail the trial.
 */
export class ShortSessions implements VirtualClients {
  private readonly settings: WorkerAssignment["settings"];
  private readonly dialer: Dialer;
  private readonly serverCount: number;
  private readonly phase: () => number;
  private readonly workload: Workload;
  /** Messages of this worker. The index of a message here is its slot in the ledger. */
  private readonly messages: readonly number[];
  private readonly slots: SessionSlots;
  private readonly first: FirstSession;
  private readonly running = new Set<Session>();
  private readonly failures = new Map<string, number>();
  private sent = 0;
  private delayed = 0;
  private lastReadyUs = 0;
  private firstSessionState: "connecting" | "connected" | "answered" = "connecting";

  constructor({ settings, worker, addresses }: WorkerAssignment, dialer: Dialer) {
    const schedule = sessionSchedule(planSchedule(settings, [0]));
    const alone = (session: number): number => session;
    this.settings = settings;
    this.dialer = dialer;
    this.serverCount = addresses.length;
    this.phase = seededRandom(settings.seed ^ worker);
    const dealt = settings.shares && dealByShares(schedule.sender.length, settings.shares);
    const workerOf = (message: number): number => dealt?.[message] ?? message % settings.workers;
    this.messages = [...schedule.sender].filter((message) => workerOf(message) === worker);
    this.workload = new Workload({
      schedule,
      payloads: createPayloads(settings.payloadBytes, settings.payloadKind, settings.seed),
      payloadKind: settings.payloadKind,
      receivers: this.messages,
      audience: { allSenders: [...schedule.sender], roomOf: alone, audienceRoom: alone },
      lateAboveUs: abortBounds(settings)?.p99?.bound,
    });
    this.slots = openSessionSlots(slotsOf(settings, worker), (slot, waited) => this.startSession(slot, waited));
    const { responseTimeoutMs: timeoutMs, retryMs } = dialer;
    this.first = openFirstSession((handler) => this.dial(handler, worker), { timeoutMs, retryMs });
  }

  /** Connects to the servers and their addresses in turn. */
  private dial(handler: ConnectionHandler, index: number): Promise<Connection> {
    const [server, address] = [index % this.serverCount, Math.floor(index / this.serverCount)];
    return this.dialer.connect(handler, { server, index: address, phase: this.phase(), client: index, room: index });
  }

  private startSession(slot: number, waited: boolean): void {
    const { workload } = this;
    const { schedule, window, recorder } = workload;
    const message = this.messages[slot]!;
    const measured = message >= schedule.warmupCount;
    const fromUs = nowUs();
    const originUs = measured ? window.t0Us : window.startUs;
    const lagUs = Math.max(0, Math.round(fromUs - originUs - schedule.dueUs[message]!));
    if (measured) {
      this.sent++;
      recorder.sendLag.record(lagUs);
      if (waited) this.delayed++;
    }
    const session = startSession(
      (handler) => this.dial(handler, message),
      {
        ready: (connection) => {
          const readyUs = nowUs();
          connection.send(workload.stamped(message, lagUs), workload.sendsText);
          if (!measured) return;
          recorder.connect.record(Math.round(readyUs - fromUs));
          this.lastReadyUs = readyUs;
        },
        received: (payload, isText) => workload.receive(slot, payload, isText),
        failed: (reason) => void (measured && this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1)),
        ended: () => {
          this.running.delete(session);
          this.slots.release();
        },
      },
      this.dialer.responseTimeoutMs,
    );
    this.running.add(session);
  }

  /** Starts each of these sessions, by slot, when its message is due. */
  private startDue(fromSlot: number, toSlot: number, originUs: number, until?: () => number): Promise<void> {
    const due = this.messages.slice(fromSlot, toSlot);
    const take = (_message: number, _atUs: number, index: number): void => this.slots.take(fromSlot + index);
    return this.workload.paceMessages(due, originUs, this.settings.precise, take, until);
  }

  /** Sessions of this worker that belong to the warm-up. */
  private get warmupSlots(): number {
    const measured = this.messages.findIndex((message) => message >= this.workload.schedule.warmupCount);
    return measured < 0 ? this.messages.length : measured;
  }

  async connect(): Promise<ConnectResult> {
    const fromUs = nowUs();
    await this.first.connect();
    this.firstSessionState = "connected";
    return { fromUs, toUs: nowUs() };
  }

  async verify(): Promise<void> {
    await this.first.exchange();
    this.firstSessionState = "answered";
  }

  warmUp(startUs: number): void {
    const { workload } = this;
    workload.startWarmUp(startUs);
    void this.startDue(0, this.warmupSlots, startUs, () => workload.window.t0Us);
  }

  async runWindow(times: WindowTimes): Promise<WindowResult> {
    const { t0Us, t1Us } = times;
    this.workload.scheduleWindow(times);
    await this.startDue(this.warmupSlots, this.messages.length, t0Us);
    const overtimeUs = 1000 * (overtimeMs + 3 * this.dialer.deliveryBoundMs);
    await Promise.race([sleepUntil(t1Us).then(this.slots.drained), sleepUntil(t1Us + overtimeUs)]);
    this.slots.cancelWaiting();
    for (const session of this.running) session.abort(`no answer ${Math.round(overtimeUs / 1e6)} s after the window`);
    const { sent, delayed, failures } = this;
    const connecting = { fromUs: t0Us, toUs: Math.max(t1Us, this.lastReadyUs) };
    return { sent, sessions: { connecting, delayed, failures } };
  }

  progress(): WorkerProgress {
    const open = this.running.size;
    return {
      connected: open + Number(this.firstSessionState === "connected"),
      verified: Number(this.firstSessionState === "answered"),
      open,
      away: 0,
      gone: 0,
      sent: this.workload.totals.payloadsIn,
      tally: this.workload.tally(),
    };
  }

  histograms(): Histograms {
    return this.workload.histograms();
  }

  watched(): WatchedCounts {
    return this.workload.watched();
  }

  latenciesIn(part: PartOfWindow): MessageLatencies {
    return this.workload.latenciesIn(part);
  }

  totals(): PayloadTotals {
    return this.workload.totals;
  }

  /** A session that fails has an account of its own. */
  faultReport(): WorkerFaultReport {
    return { unsaid: 0, interruptions: [], lostWithSenders: 0, bystanders: "" };
  }

  gone(): GoneClient[] {
    return [];
  }

  missing(): MissingDeliveries {
    return this.workload.missing([]);
  }

  disconnect(): Promise<void> {
    return Promise.resolve();
  }
}
