import type { Connection, ConnectionHandler } from "../contract.ts";
import { abortBounds } from "../definitions/abort-bounds.ts";
import { nowUs } from "../lib/clock.ts";
import { pace } from "../lib/pace.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import type { Assignment } from "../workload/assignment.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { trialPayloads } from "../workload/trial-payloads.ts";
import type { MissingDelivery } from "./delivery-ledger.ts";
import type { Dialer } from "./dialer.ts";
import { phaseOf, type WindowTimes } from "./measurement-window.ts";
import type { Histograms } from "./recorder.ts";
import { RoomEntry } from "./room-entry.ts";
import { OpenLoopSender } from "./sender.ts";
import type {
  ConnectResult,
  VirtualClients,
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
  private readonly owner: PersistentClients;
  private readonly slot: number;

  constructor(owner: PersistentClients, slot: number) {
    this.owner = owner;
    this.slot = slot;
  }

  receive(payload: Buffer, isText: boolean): void {
    if (this.onFirstReply) this.onFirstReply(payload);
    else this.owner.receive(this.slot, payload, isText);
  }

  closed(error?: Error): void {
    this.owner.closed(this.slot, error);
  }
}

/**
 * Clients that connect before the load and stay until its end. A connection that ends before its time fails the trial.
 */
export class PersistentClients implements VirtualClients {
  private readonly settings: WorkerAssignment["settings"];
  private readonly inFlight: number;
  private readonly dialer: Dialer;
  private readonly lost: (reason: string) => void;
  private readonly dialect: WorkerAssignment["dialect"];
  private readonly assignment: Assignment;
  private readonly workload: Workload;
  private readonly sender: OpenLoopSender;
  private readonly entry: RoomEntry;
  /** Numbers of the clients by slot. */
  private readonly numbers: readonly number[];
  private readonly clients: readonly Client[];
  private readonly paused: ReadonlySet<number>;
  private connecting = 0;
  private connected = 0;
  private verified = 0;
  private open = 0;
  /** Called when the last connection has ended, once `disconnect` was called. */
  private allClosed: (() => void) | undefined;

  /** `lost` is called with a sentence for each connection that ends before its time. */
  constructor(
    { settings, worker, roomPrefix, inFlight, dialect }: WorkerAssignment,
    dialer: Dialer,
    lost: (reason: string) => void,
  ) {
    const { assignment, schedule, trace } = planWorkload(settings);
    this.settings = settings;
    this.inFlight = inFlight;
    this.dialer = dialer;
    this.lost = lost;
    this.dialect = dialect;
    this.assignment = assignment;
    this.numbers = assignment.clientsByWorker[worker]!;
    this.workload = new Workload({
      schedule,
      payloads: trialPayloads(settings, schedule, trace),
      payloadKind: settings.payloadKind,
      receivers: this.numbers,
      audience: assignment,
      lateAboveUs: abortBounds(settings)?.p99?.bound,
    });
    this.entry = new RoomEntry(assignment, settings.rooms, roomPrefix);
    this.paused = new Set(assignment.pausedClients);
    this.clients = this.numbers.map((_, slot) => new Client(this, slot));
    /** The clients by number; the clients of other workers are left out. */
    const byNumber: (Client | undefined)[] = Array.from({ length: settings.clients });
    for (const [slot, number] of this.numbers.entries()) byNumber[number] = this.clients[slot]!;
    const isOwn = (sender: number): boolean => byNumber[sender] !== undefined;
    const { workload } = this;
    this.sender = new OpenLoopSender(workload, isOwn, assignment, settings.precise, (message, lagUs) =>
      byNumber[schedule.sender[message]!]!.connection!.send(workload.stamped(message, lagUs), workload.sendsText),
    );
  }

  /** A message after a client's first reply. */
  receive(slot: number, payload: Buffer, isText: boolean): void {
    if (phaseOf(this.workload.window) === "connecting") return; // a client that entered twice may be answered twice
    if (!this.entry.isEchoedEntry(payload)) this.workload.receive(slot, payload, isText);
  }

  /** The end of a client's connection. */
  closed(slot: number, error?: Error): void {
    this.open--;
    const client = this.numbers[slot]!;
    const { window } = this.workload;
    // A server may disconnect a paused client for what it did not read.
    if (this.paused.has(client) && phaseOf(window) === "measuring" && nowUs() >= window.t0Us) return;
    if (!this.allClosed) this.lost(`client ${client} lost its connection: ${error?.message ?? "the server closed it"}`);
    else if (this.open + this.connecting === 0) this.allClosed();
  }

  /** Connects in join order, a bounded number at a time. */
  async connect(): Promise<ConnectResult> {
    const fromUs = nowUs();
    const waiting = this.clients.keys();
    const lanes = Array.from({ length: this.inFlight }, async () => {
      for (const slot of waiting) if (!this.allClosed) await this.connectOne(slot);
    });
    await Promise.all(lanes);
    return { fromUs, toUs: nowUs() };
  }

  private async connectOne(slot: number): Promise<void> {
    const { assignment, settings } = this;
    const [client, number] = [this.clients[slot]!, this.numbers[slot]!];
    const startUs = nowUs();
    this.connecting++;
    client.connection = await this.dialer.connect(client, {
      server: assignment.serverOf(number),
      index: assignment.connectIndex[number]!,
      phase: settings.idleCycles === undefined ? assignment.phases[number]! : 0,
      client: number,
      room: assignment.roomOf(number),
    });
    this.workload.recorder.connect.record(Math.round(nowUs() - startUs));
    this.connecting--;
    this.connected++;
    this.open++;
    if (this.allClosed) client.connection.close();
  }

  async verify(startUs: number): Promise<void> {
    // In a dialect each client has taken the steps of entering when it is connected.
    if (this.dialect) return void (this.verified = this.clients.length);
    const dueUs = (slot: number): number => this.entry.dueUs(this.numbers[slot]!, startUs);
    const slots = [...this.clients.keys()].toSorted((one, other) => dueUs(one) - dueUs(other));
    const enter = (slot: number): void =>
      this.clients[slot]!.connection!.send(this.entry.payloadOf(this.numbers[slot]!), true);
    const entering = retryUntilAnswered(enter, this.dialer.retryMs);
    const replies = slots.map((slot) => this.firstReply(slot).then(() => entering.answered(slot)));
    const paced = pace(slots.map(dueUs), (i) => entering.send(slots[i]!), false);
    await Promise.all([paced, ...replies]).finally(entering.stop);
  }

  /**
   * Resolves when a client got its own first message back. On a server that serves others too it may receive theirs
   * before.
   */
  private firstReply(slot: number): Promise<void> {
    const [client, number] = [this.clients[slot]!, this.numbers[slot]!];
    const expected = this.entry.payloadOf(number);
    return new Promise((resolve, reject) => {
      client.onFirstReply = (payload) => {
        const isOwn = payload.equals(expected);
        if (!isOwn && this.entry.isShared) return;
        client.onFirstReply = undefined;
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
    return this.sender.runWindow(times);
  }

  progress(): WorkerProgress {
    const { connected, verified, open } = this;
    return { connected, verified, open, tally: this.workload.tally() };
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

  firstMissing(): MissingDelivery | undefined {
    return this.workload.firstMissing();
  }

  async disconnect(): Promise<void> {
    const all = new Promise<void>((resolve) => (this.allClosed = resolve));
    for (const { connection } of this.clients) connection?.close();
    if (this.open + this.connecting > 0) await all;
  }
}
