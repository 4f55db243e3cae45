import { arrivalUs, nowUs } from "../lib/clock.ts";
import { trialPayloads } from "../workload/trial-payloads.ts";
import type { Address, ConnectionHandler, Connection, Options } from "../contract.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import { openLedger, type MeasurementWindow } from "./delivery-ledger.ts";
import { createSender, type SendCounts } from "./sender.ts";
import { pace } from "../lib/pace.ts";
import { planSchedule } from "../workload/schedule.ts";
import { openRecorder, type Histograms } from "./recorder.ts";
import type { Settings } from "../definitions/settings.ts";
import { loadTrace } from "../definitions/trace.ts";
import { snapshotsAt, secondBoundaries, processUsage, type ProcessUsage } from "../system/process-usage.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";
import { type DeliveryTally } from "../../results/model/measurement.ts";
import { assignClients } from "../workload/assignment.ts";

/** Which share of which trial is to be played, and where. */
export interface WorkerAssignment {
  transport: string;
  settings: Settings;
  options: Partial<Options>;
  /** Those of each server. */
  addresses: readonly (readonly Address[])[];
  worker: number;
  /** What sets this trial's rooms apart from those of others, where its server is not its own. */
  roomPrefix?: string;
  /** Connects that may be under way at once. */
  inFlight: number;
}

/** What became of one worker's visits. */
export interface SessionCounts {
  /** When the first was due, and when the last link was ready. */
  connecting: ConnectResult;
  /** How many began late, as every place was taken. */
  delayed: number;
  /** How many went wrong, by what did. */
  failures: ReadonlyMap<string, number>;
}

/** When the first connect began and the last was done. */
export interface ConnectResult {
  fromUs: number;
  toUs: number;
}

/** What was sent, and what this process used meanwhile. */
export interface WindowResult extends SendCounts {
  /** This process at each edge of the window's seconds, T0 first and T1 last. */
  usage: readonly ProcessUsage[];
  /** Where messages are visits: those that were due in the window. */
  sessions?: SessionCounts;
}

export interface WorkerProgress {
  /** Clients that have connected, those that have entered their rooms, and those whose link is still open. */
  connected: number;
  verified: number;
  open: number;
  tally: DeliveryTally;
}

/** Some clients of a trial, played by this process. */
export interface VirtualClients {
  connect(): Promise<ConnectResult>;
  verify(startUs: number): Promise<void>;
  warmUp(startUs: number): void;
  runWindow(times: { t0Us: number; t1Us: number }): Promise<WindowResult>;
  progress(): WorkerProgress;
  histograms(): Histograms;
  /** Says goodbye on every link; resolves when all have ended. */
  leave(): Promise<void>;
}

/** Time between two clients' entrances to a room: enough for the first to be there before the second, over all workers. */
const entranceUs = 500;
/** Rooms that clients enter side by side: each gets its clients in order, and no server is told of more than 10,000 a second. */
const roomsAtOnce = 5;

/** How long after its entrance a client without an answer enters again, where either may have got lost. */
export const retryMs = 1_000;

/** Prepares one worker's share. `lost` is told of any link that ends before its time. */
export async function startClients(order: WorkerAssignment, lost: (reason: string) => void): Promise<VirtualClients> {
  const { settings, worker, addresses } = order;
  const trace = loadTrace(settings);
  const assignment = assignClients(settings, trace);
  const schedule = planSchedule(settings, assignment.senders, assignment.serverSenders, trace);
  const content = trialPayloads(settings, schedule, trace);
  const transport = await loadTransport(order.transport);
  const { default: connectLink } = await transport.client();
  const options = optionsFor(transport, order.options);

  /** One simulated client, as its link sees it: its `slot` is its place among those of this worker. */
  class Client implements ConnectionHandler {
    connection: Connection | undefined;
    /** Called with each message until it has been answered what it said at its entrance. */
    atEntrance: ((payload: Buffer) => void) | undefined;
    readonly number: number;
    private readonly slot: number;

    constructor(number: number, slot: number) {
      this.number = number;
      this.slot = slot;
    }

    /** Takes each message: first the answer to an entrance, then what a client is there for. */
    receive(payload: Buffer, isText: boolean): void {
      if (this.atEntrance) this.atEntrance(payload);
      else if (window.startUs === Infinity) return; // who has asked twice may be answered twice
      else if (order.roomPrefix === undefined || !isEntrance(payload))
        ledger.recordDelivery(this.slot, payload, isText, arrivalUs());
    }

    closed(error?: Error): void {
      open--;
      if (slow.has(this.number) && nowUs() >= window.t0Us) return; // dropped for what it did not take
      if (!left) lost(`client ${this.number} lost its link: ${error?.message ?? "the server closed it"}`);
      else if (open + connecting === 0) left();
    }
  }

  const clients = assignment.clientsByWorker[worker]!.map((number, slot) => new Client(number, slot));
  /** The clients by their number; a number that another worker plays is left out. */
  const byNumber: (Client | undefined)[] = Array.from({ length: settings.clients });
  for (const client of clients) byNumber[client.number] = client;
  const asText = settings.payloadKind === "text";
  const recorder = openRecorder(schedule);
  const window: MeasurementWindow = { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
  const ledger = openLedger(
    assignment.clientsByWorker[worker]!,
    assignment,
    schedule,
    content,
    window,
    recorder.onDelivery,
  );
  const ours = (sender: number): boolean => byNumber[sender] !== undefined;
  const lines = createSender(ours, schedule, assignment, window, recorder, settings.precise, (message, lagUs) => {
    const sender = schedule.sender[message]!;
    byNumber[sender]!.connection!.send(content.stamped(sender, schedule.seq[message]!, lagUs), asText);
  });
  let [connecting, connected, entered, open] = [0, 0, 0, 0];
  const slow = new Set(assignment.pausedClients);
  /** Called when the last link has ended, from the moment on in which that is meant. */
  let left: (() => void) | undefined;

  async function connectOne(client: Client): Promise<void> {
    const startUs = nowUs();
    connecting++;
    const listeners = addresses[assignment.serverOf(client.number)]!;
    client.connection = await connectLink(
      listeners[assignment.connectIndex[client.number]! % listeners.length]!,
      client,
      {
        ...options,
        phase: settings.idleCycles === undefined ? assignment.phases[client.number]! : 0,
      },
    );
    recorder.connect.record(Math.round(nowUs() - startUs));
    connecting--;
    connected++;
    open++;
    if (left) client.connection.close();
  }

  const apart = order.roomPrefix === undefined ? "" : `${order.roomPrefix}-`;
  const entranceStart = Buffer.from(`room ${apart}`);
  const entranceOf = ({ number }: Client): Buffer => Buffer.from(`room ${apart}${assignment.roomOf(number)}`);

  /** A server that is not ours may tell everybody of each entrance, also late: that is no message of the plan, nor of a stranger. */
  const isEntrance = (payload: Buffer): boolean => payload.subarray(0, entranceStart.length).equals(entranceStart);

  /** Resolves when a client has been answered what it said when it entered its room. Until then it may hear others where it is a visitor. */
  function answered(client: Client): Promise<void> {
    const entrance = entranceOf(client);
    return new Promise((resolve, reject) => {
      client.atEntrance = (payload) => {
        if (order.roomPrefix !== undefined && !payload.equals(entrance)) return;
        client.atEntrance = undefined;
        entered++;
        if (payload.equals(entrance)) resolve();
        else reject(new Error(`client ${client.number} entered its room and was answered "${payload.toString()}"`));
      };
    });
  }

  return {
    /** In join order, a bounded number at a time. */
    async connect() {
      const fromUs = nowUs();
      const waiting = clients.values();
      const lanes = Array.from({ length: order.inFlight }, async () => {
        for (const client of waiting) if (!left) await connectOne(client);
      });
      await Promise.all(lanes);
      return { fromUs, toUs: nowUs() };
    },

    /** Each room in the join order of the whole trial, whichever worker a client is in: that is the order in which it is told. */
    async verify(startUs) {
      const stepUs = entranceUs / Math.min(roomsAtOnce, settings.rooms);
      const dueOf = ({ number }: Client): number => startUs + assignment.joinIndex[number]! * stepUs;
      const queue = clients.toSorted((one, other) => dueOf(one) - dueOf(other));
      const enter = (client: Client): void => client.connection!.send(entranceOf(client), true);
      const entering = retryUntilAnswered(enter, transport.guarantees.reliable === false ? retryMs : Infinity);
      const answers = clients.map((client) => answered(client).then(() => entering.answered(client)));
      const paced = pace(queue.map(dueOf), (i) => entering.send(queue[i]!), false);
      await Promise.all([paced, ...answers]).finally(entering.stop);
    },

    warmUp(startUs) {
      window.startUs = startUs;
      lines.warmUp();
    },

    async runWindow({ t0Us, t1Us }) {
      window.t0Us = t0Us;
      window.t1Us = t1Us;
      const edges = snapshotsAt(secondBoundaries(t0Us, t1Us), processUsage);
      return { ...(await lines.runWindow()), usage: await edges };
    },

    progress: () => ({ connected, verified: entered, open, tally: ledger.tally() }),

    histograms: recorder.histograms,

    async leave() {
      const all = new Promise<void>((resolve) => (left = resolve));
      for (const { connection } of clients) connection?.close();
      if (open + connecting > 0) await all;
    },
  };
}
