import type { Connection } from "../contract.ts";
import { abortBounds } from "../definitions/abort-bounds.ts";
import { arrivalUs, nowUs } from "../lib/clock.ts";
import { pace, sleepUntil } from "../lib/pace.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import { openPlaces } from "../lib/number-index.ts";
import { connectTimes, notBefore } from "../workload/connect-times.ts";
import type { Absence, GoneClient } from "../workload/gone-client.ts";
import { planShare } from "../workload/plan-workload.ts";
import type { WorkerShare } from "../workload/worker-share.ts";
import type { Dialer } from "./dialer.ts";
import { FaultLog } from "./fault-log.ts";
import { GoneClients, type WhenGone } from "./gone-clients.ts";
import type { Strike } from "./interruptions.ts";
import { phaseOf, type WindowTimes } from "./measurement-window.ts";
import type { MissingDeliveries } from "./missing-deliveries.ts";
import type { Histograms, MessageLatencies } from "./recorder.ts";
import { PersistentClient, type ClientEvents } from "./persistent-client.ts";
import { Returns } from "./returns.ts";
import { RoomEntry } from "./room-entry.ts";
import { OpenLoopSender, type SendMessage } from "./sender.ts";
import type {
  ConnectResult,
  VirtualClients,
  WorkerFaultReport,
  WindowResult,
  WorkerAssignment,
  WorkerProgress,
} from "./virtual-clients.ts";
import { Workload, type PartOfWindow, type PayloadTotals, type WatchedCounts } from "./workload.ts";

/** Time for which a message may be on its way beyond the bound of its transport, on a busy machine. */
const leastInFlightUs = 50_000;

/** The connection of a client that was not let in. */
const noConnection: Connection = { send: () => undefined, close: () => undefined };

/**
 * Clients that connect before the load and stay until its end. A client that is refused or dropped is noted, and the
 * others go on. What is due at it afterwards goes to its closed connection, which does nothing.
 */
export class PersistentClients implements VirtualClients, ClientEvents {
  private readonly settings: WorkerAssignment["settings"];
  private readonly inFlight: number;
  private readonly connectFromUs: number;
  private readonly dialer: Dialer;
  private readonly dialect: WorkerAssignment["dialect"];
  private readonly absent: GoneClients;
  private readonly share: WorkerShare;
  private readonly workload: Workload;
  private readonly sender: OpenLoopSender;
  private readonly entry: RoomEntry;
  /** Set where the trial has a fault. */
  private readonly faultLog: FaultLog | undefined;
  /** Numbers of the clients by slot. */
  private readonly numbers: Int32Array;
  private readonly clients: readonly PersistentClient[];
  /** Time at which each client was let in or answered, by slot. */
  private readonly joinedUs: Float64Array;
  private connecting = 0;
  private connected = 0;
  private verified = 0;
  private open = 0;
  private readonly returns: Returns;
  /** Called when the last connection has ended, once `disconnect` was called. */
  private allClosed: (() => void) | undefined;

  /** `whenGone` is called with each client that is refused or dropped. */
  constructor(
    { settings, worker, roomPrefix, inFlight, dialect, connectFromUs = 0, clockErrorUs }: WorkerAssignment,
    dialer: Dialer,
    whenGone: WhenGone = () => undefined,
  ) {
    const { payloads, ...share } = planShare(settings, worker);
    const { schedule, clients: numbers, audience } = share;
    this.settings = settings;
    this.inFlight = inFlight;
    this.connectFromUs = connectFromUs;
    this.dialer = dialer;
    this.dialect = dialect;
    this.absent = new GoneClients(whenGone);
    this.share = share;
    this.numbers = numbers;
    this.faultLog = settings.fault && new FaultLog(settings.fault, share);
    this.workload = new Workload({
      schedule,
      payloads,
      payloadKind: settings.payloadKind,
      receivers: numbers,
      audience,
      lateAboveUs: abortBounds(settings)?.p99?.bound,
      clockErrorUs,
      onDelivery: this.faultLog?.onDelivery,
    });
    this.entry = new RoomEntry(audience.roomOf, settings.rooms, roomPrefix);
    this.clients = Array.from(numbers, (_, slot) => new PersistentClient(this, slot));
    this.joinedUs = new Float64Array(numbers.length);
    const slotOf = openPlaces(numbers);
    const isOwn = (sender: number): boolean => slotOf(sender) >= 0;
    const { workload, clients, entry, faultLog } = this;
    const send: SendMessage = (message, lagUs) =>
      clients[slotOf(schedule.sender[message]!)]!.connection!.send(
        workload.stamped(message, lagUs),
        workload.sendsText,
      );
    const sendOrKeep: SendMessage = (message, lagUs) => {
      const { unsaid } = clients[slotOf(schedule.sender[message]!)]!;
      if (unsaid) unsaid.push({ message, dueUs: nowUs() - lagUs });
      else send(message, lagUs);
    };
    this.returns = new Returns({
      clients,
      numbers,
      entry,
      historyMessages: settings.historyMessages,
      faultLog,
      send,
    });
    this.sender = new OpenLoopSender(workload, isOwn, settings.precise, settings.fault ? sendOrKeep : send);
  }

  /** A message after a client's first reply. */
  receive(slot: number, payload: Buffer, isText: boolean, receivedBytes: number): void {
    if (phaseOf(this.workload.window) === "connecting") return; // a client that entered twice may be answered twice
    this.returns.received(slot);
    if (!this.entry.isEchoedEntry(payload)) this.workload.receive(slot, payload, isText, arrivalUs(), receivedBytes);
  }

  /** The end of a client's connection. */
  closed(slot: number, error?: Error): void {
    if (this.clients[slot]!.isAway) this.returns.away--;
    else this.open--;
    if (this.allClosed) return this.checkAllClosed();
    const client = this.numbers[slot]!;
    const { window } = this.workload;
    // A server may disconnect a paused client for what it did not read.
    if (this.share.paused && phaseOf(window) === "measuring" && nowUs() >= window.t0Us) return;
    this.absent.drop(slot, client, error);
    this.clients[slot]!.onDropped?.();
  }

  /** The connection of a client carries nothing at the moment, and will be opened again. */
  lost(slot: number): void {
    this.open--;
    this.returns.lost(slot);
    if (!this.allClosed) this.faultLog?.log?.lost(slot, nowUs());
  }

  /** The connection of a client is open again. */
  back(slot: number, resumed: boolean): void {
    this.open++;
    this.returns.back(slot, resumed);
  }

  private checkAllClosed(): void {
    if (this.open + this.returns.away + this.connecting === 0) this.allClosed?.();
  }

  /** Connects in join order, a bounded number at a time, and at a bounded rate where the settings have one. */
  async connect(): Promise<ConnectResult> {
    const { connectRatePerS } = this.settings;
    const { joinPlaces } = this.share;
    const dueUs =
      connectRatePerS === undefined
        ? undefined
        : notBefore(connectTimes(joinPlaces, connectRatePerS, this.connectFromUs), nowUs());
    const fromUs = dueUs?.[0] ?? nowUs();
    const waiting = this.clients.keys();
    const lanes = Array.from({ length: this.inFlight }, async () => {
      for (const slot of waiting) {
        if (dueUs) await sleepUntil(dueUs[slot]!);
        if (!this.allClosed) await this.connectOne(slot);
      }
    });
    await Promise.all(lanes);
    return { fromUs, toUs: nowUs() };
  }

  private async connectOne(slot: number): Promise<void> {
    const { share, settings } = this;
    const [client, number] = [this.clients[slot]!, this.numbers[slot]!];
    const startUs = nowUs();
    this.connecting++;
    const dialing = this.dialer.connect(client, {
      server: share.audience.serverOf(number),
      index: share.connectIndex[slot]!,
      phase: settings.idleCycles === undefined ? share.phases[slot]! : 0,
      client: number,
      room: share.audience.roomOf(number),
      affected: share.affected,
    });
    try {
      client.connection = await dialing;
    } catch (error) {
      return this.refused(slot, error);
    }
    const readyUs = nowUs();
    this.joinedUs[slot] = readyUs;
    this.workload.recorder.connect.record(Math.round(readyUs - startUs));
    this.connecting--;
    this.connected++;
    this.open++;
    if (this.allClosed) client.connection.close();
  }

  private refused(slot: number, error: unknown): void {
    this.connecting--;
    this.clients[slot]!.connection = noConnection;
    if (this.allClosed) this.checkAllClosed();
    else this.absent.refuse(slot, this.numbers[slot]!, error);
  }

  async verify(startUs: number): Promise<void> {
    // In a dialect each client has taken the steps of entering when it is connected.
    if (this.dialect) return void (this.verified = this.connected);
    const dueUs = (slot: number): number => this.entry.dueUs(this.share.joinIndex[slot]!, startUs);
    const present = [...this.clients.keys()].filter((slot) => !this.absent.has(slot));
    const slots = present.toSorted((one, other) => dueUs(one) - dueUs(other));
    const enter = (slot: number): void =>
      this.clients[slot]!.connection!.send(this.entry.payloadOf(this.numbers[slot]!), true);
    const entering = retryUntilAnswered(enter, this.dialer.retryMs);
    const replies = slots.map((slot) => this.firstReply(slot).then(() => entering.answered(slot)));
    const paced = pace(slots.map(dueUs), (i) => entering.send(slots[i]!), false);
    await Promise.all([paced, ...replies]).finally(entering.stop);
  }

  /**
   * Resolves when a client got its own first message back, or was dropped. On a server that serves others too it may
   * receive theirs before.
   */
  private firstReply(slot: number): Promise<void> {
    const [client, number] = [this.clients[slot]!, this.numbers[slot]!];
    return new Promise((resolve, reject) => {
      client.onDropped = resolve;
      client.onFirstReply = (payload) => {
        const isOwn = this.entry.isAnswer(payload, number);
        if (!isOwn && this.entry.isShared) return;
        client.onFirstReply = undefined;
        client.onDropped = undefined;
        this.joinedUs[slot] = nowUs();
        this.returns.entered(slot, payload);
        this.verified++;
        if (isOwn) resolve();
        else reject(new Error(`client ${number} entered its room and was answered "${payload.toString()}"`));
      };
    });
  }

  warmUp(startUs: number): void {
    this.sender.warmUp(startUs);
  }

  runWindow(times: WindowTimes): Promise<WindowResult> {
    this.faultLog?.log?.start(times.t0Us);
    return this.sender.runWindow(times);
  }

  progress(): WorkerProgress {
    const { connected, verified, open, returns } = this;
    return {
      connected,
      verified,
      open,
      away: returns.away,
      gone: this.absent.count,
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

  gone(): GoneClient[] {
    return this.absent.list((ended) =>
      this.workload.lastMessages(ended).map((lastUs, i) => Math.max(lastUs, this.joinedUs[ended[i]!.slot]!)),
    );
  }

  faultReport(strikes: readonly Strike[]): WorkerFaultReport {
    const { faultLog, returns } = this;
    const inFlightUs = leastInFlightUs + 1000 * this.dialer.deliveryBoundMs;
    return {
      unsaid: returns.unsaid,
      interruptions: faultLog?.log?.outcomes(strikes, inFlightUs) ?? [],
      lostWithSenders: faultLog?.log?.lostWithSenders(strikes, inFlightUs) ?? 0,
      bystanders: faultLog?.bystanders() ?? "",
    };
  }

  missing(gone: readonly Absence[]): MissingDeliveries {
    return this.workload.missing(gone);
  }

  async disconnect(): Promise<void> {
    const all = new Promise<void>((resolve) => (this.allClosed = resolve));
    for (const { connection } of this.clients) connection?.close();
    if (this.open + this.returns.away + this.connecting > 0) await all;
  }
}
