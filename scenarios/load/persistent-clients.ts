import type { Connection, ConnectionHandler } from "../contract.ts";
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
import type { Histograms } from "./recorder.ts";
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
import { Workload, type PayloadTotals, type WatchedCounts } from "./workload.ts";

/** One virtual client as its connection sees it. Its slot is its place among the clients of this worker. */
class Client implements ConnectionHandler {
  connection: Connection | undefined;
  /** Receives the messages until the client's first message was answered. */
  onFirstReply: ((payload: Buffer) => void) | undefined;
  /** Called when the client is dropped before that. */
  onDropped: (() => void) | undefined;
  /**
   * True once its first message was answered. Before that, who verifies the connection sends it. In a dialect there is
   * none: the steps of entering are part of connecting.
   */
  hasEntered = false;
  /** True while the client has no connection and will be back. */
  isAway = false;
  /** Messages that were due while the client had no connection, with their due times. Undefined while it has one. */
  unsaid: { message: number; dueUs: number }[] | undefined;
  private readonly owner: PersistentClients;
  private readonly slot: number;

  constructor(owner: PersistentClients, slot: number) {
    this.owner = owner;
    this.slot = slot;
  }

  receive(payload: Buffer, isText: boolean, receivedBytes = payload.length): void {
    if (this.onFirstReply) this.onFirstReply(payload);
    else this.owner.receive(this.slot, payload, isText, receivedBytes);
  }

  closed(error?: Error): void {
    this.owner.closed(this.slot, error);
  }

  lost(): void {
    this.owner.lost(this.slot);
  }

  back(resumed: boolean): void {
    this.owner.back(this.slot, resumed);
  }
}

/** Time for which a message may be on its way beyond the bound of its transport, on a busy machine. */
const leastInFlightUs = 50_000;

/** The connection of a client that was not let in. */
const noConnection: Connection = { send: () => undefined, close: () => undefined };

/**
 * Clients that connect before the load and stay until its end. A client that is refused or dropped is noted, and the
 * others go on. What is due at it afterwards goes to its closed connection, which does nothing.
 */
export class PersistentClients implements VirtualClients {
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
  private readonly clients: readonly Client[];
  /** Time at which each client was let in or answered, by slot. */
  private readonly joinedUs: Float64Array;
  private connecting = 0;
  private connected = 0;
  private verified = 0;
  private open = 0;
  /** Clients that have no connection at the moment and will be back. */
  private away = 0;
  /** Messages that were due at a client without a connection and were said when it was back. */
  private unsaid = 0;
  /** Place of each client in the history of its room, by slot. Set where the application keeps one. */
  private positions: Float64Array | undefined;
  private readonly send: SendMessage;
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
    if (settings.historyMessages !== undefined) this.positions = new Float64Array(numbers.length);
    this.clients = Array.from(numbers, (_, slot) => new Client(this, slot));
    this.joinedUs = new Float64Array(numbers.length);
    const slotOf = openPlaces(numbers);
    const isOwn = (sender: number): boolean => slotOf(sender) >= 0;
    const { workload, clients } = this;
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
    this.send = send;
    this.sender = new OpenLoopSender(workload, isOwn, settings.precise, settings.fault ? sendOrKeep : send);
  }

  /** A message after a client's first reply. */
  receive(slot: number, payload: Buffer, isText: boolean, receivedBytes: number): void {
    if (phaseOf(this.workload.window) === "connecting") return; // a client that entered twice may be answered twice
    if (this.positions) this.positions[slot]!++;
    if (!this.entry.isEchoedEntry(payload)) this.workload.receive(slot, payload, isText, arrivalUs(), receivedBytes);
  }

  /** The end of a client's connection. */
  closed(slot: number, error?: Error): void {
    if (this.clients[slot]!.isAway) this.away--;
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
    const client = this.clients[slot]!;
    this.open--;
    this.away++;
    client.isAway = true;
    client.unsaid ??= [];
    if (!this.allClosed) this.faultLog?.log?.lost(slot, nowUs());
  }

  /** The connection of a client is open again. It enters its room, unless the server goes on with the old connection. */
  back(slot: number, resumed: boolean): void {
    const client = this.clients[slot]!;
    this.open++;
    this.away--;
    client.isAway = false;
    this.faultLog?.log?.opened(slot, nowUs());
    if (!client.hasEntered) {
      if (!resumed && client.onFirstReply) client.connection!.send(this.entry.payloadOf(this.numbers[slot]!), true);
      return this.present(slot);
    }
    if (!resumed) this.enterAgain(slot);
    else if (!client.onFirstReply) this.present(slot);
  }

  /** Sends the first message again, with the place in the history of the room where there is one. */
  private enterAgain(slot: number): void {
    const [client, number] = [this.clients[slot]!, this.numbers[slot]!];
    const entry = this.entry.payloadOf(number, this.positions?.[slot]);
    client.onFirstReply = (payload) => {
      if (!this.entry.isAnswer(payload, number)) return;
      client.onFirstReply = undefined;
      if (this.positions) this.positions[slot] = this.positionBeforeReplay(slot, this.entry.positionIn(payload));
      this.present(slot);
    };
    client.connection!.send(entry, true);
  }

  /** Place of a client in a history of so many messages, before those come that it has missed and the room still has. */
  private positionBeforeReplay(slot: number, length: number): number {
    const position = this.positions![slot]!;
    // The history of a server that has started again is shorter, and holds nothing for this client.
    return length < position ? length : Math.max(position, length - this.settings.historyMessages!);
  }

  /** A client is back in its room, and says what it could not say meanwhile. */
  private present(slot: number): void {
    const client = this.clients[slot]!;
    const { unsaid = [] } = client;
    client.unsaid = undefined;
    this.unsaid += unsaid.length;
    this.faultLog?.log?.back(slot, nowUs());
    for (const { message, dueUs } of unsaid) this.send(message, Math.round(nowUs() - dueUs));
  }

  private checkAllClosed(): void {
    if (this.open + this.away + this.connecting === 0) this.allClosed?.();
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
        client.hasEntered = true;
        if (this.positions) this.positions[slot] = this.entry.positionIn(payload);
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
    const { connected, verified, open, away } = this;
    return { connected, verified, open, away, gone: this.absent.count, tally: this.workload.tally() };
  }

  histograms(): Histograms {
    return this.workload.histograms();
  }

  watched(): WatchedCounts {
    return this.workload.watched();
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
    const { faultLog, unsaid } = this;
    const inFlightUs = leastInFlightUs + 1000 * this.dialer.deliveryBoundMs;
    return {
      unsaid,
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
    if (this.open + this.away + this.connecting > 0) await all;
  }
}
