import { setTimeout as delay } from "node:timers/promises";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Connection, ConnectionHandler } from "../../scenarios/contract.ts";
import { arrivalUs, nowUs } from "../../scenarios/lib/clock.ts";
import type { Settings } from "../../scenarios/definitions/settings.ts";
import { addTallies } from "../../scenarios/load/delivery-ledger.ts";
import { openDialer } from "../../scenarios/load/dialer.ts";
import type { WorkerAssignment } from "../../scenarios/load/virtual-clients.ts";
import { Workload } from "../../scenarios/load/workload.ts";
import { assignClients, type Assignment } from "../../scenarios/workload/assignment.ts";
import { createPayloads } from "../../scenarios/workload/payloads.ts";
import type { Schedule } from "../../scenarios/workload/schedule.ts";

/** Messages of one account, of all clients together: as many accounts follow one another as the loop needs. */
const accountMessages = 1_000_000;

/**
 * A schedule with room for this many messages, of the clients in rotation. The due time of a message is written when it
 * is sent.
 */
function openSchedule(clients: number, messages: number): Schedule {
  const dueUs = new Float64Array(messages);
  return {
    sender: Int32Array.from({ length: messages }, (_, message) => message % clients),
    seq: Int32Array.from({ length: messages }, (_, message) => Math.floor(message / clients)),
    dueUs,
    sendUs: dueUs,
    warmupCount: 0,
  };
}

/** A client that sends its next message when the response to its last one arrives. */
class ClosedLoopClient implements ConnectionHandler {
  connection!: Connection;
  private readonly loop: ClosedLoop;
  private readonly number: number;
  /** The account that has this client's last message, and how many it has. */
  private account = 0;
  private sent = 0;
  private workload: Workload;

  constructor(loop: ClosedLoop, number: number) {
    this.loop = loop;
    this.number = number;
    this.workload = loop.workloadOf(0);
  }

  sendNext(atUs: number): void {
    if (this.sent === this.loop.messagesPerClient) {
      this.workload = this.loop.workloadOf(++this.account);
      this.sent = 0;
    }
    this.loop.send(this.workload, this.connection, this.number, this.sent++, atUs);
  }

  receive(payload: Buffer, text: boolean): void {
    const atUs = arrivalUs();
    this.workload.receive(this.number, payload, text, atUs);
    if (atUs < this.loop.endUs) this.sendNext(atUs);
  }

  closed(error?: Error): void {
    this.loop.lost(`client ${this.number} lost its connection: ${error?.message ?? "the server closed it"}`);
  }
}

/** An echo as a closed loop: every message is due when it is sent. */
class ClosedLoop {
  readonly assignment: Assignment;
  readonly lost: (reason: string) => void;
  readonly messagesPerClient: number;
  endUs = Infinity;
  expected = 0;
  private readonly settings: Settings;
  /** The accounts, each of as many messages. A client goes on to the next when it has used up its share of one. */
  private readonly workloads: Workload[] = [];

  constructor({ settings }: WorkerAssignment, lost: (reason: string) => void, messages = accountMessages) {
    this.settings = settings;
    this.assignment = assignClients(settings);
    this.lost = lost;
    this.messagesPerClient = Math.ceil(messages / settings.clients);
  }

  workloadOf(account: number): Workload {
    return (this.workloads[account] ??= this.openAccount());
  }

  send(workload: Workload, connection: Connection, client: number, seq: number, atUs: number): void {
    const message = seq * this.settings.clients + client;
    workload.schedule.dueUs[message] = atUs;
    workload.recorder.sendLag.record(0);
    connection.send(workload.stamped(message, 0), workload.sendsText);
    this.expected++;
  }

  tally(): DeliveryTally {
    return this.workloads.map((each) => each.tally()).reduce(addTallies);
  }

  private openAccount(): Workload {
    const { clients, payloadBytes, payloadKind, seed } = this.settings;
    const workload = new Workload({
      schedule: openSchedule(clients, this.messagesPerClient * clients),
      payloads: createPayloads(payloadBytes, payloadKind, seed),
      payloadKind,
      receivers: Array.from({ length: clients }, (_, client) => client),
      audience: this.assignment,
    });
    workload.startWarmUp(0);
    workload.scheduleWindow({ t0Us: 0, t1Us: Infinity });
    return workload;
  }
}

/**
 * Runs an echo as a closed loop for this many seconds. Returns the deliveries and the number of expected ones.
 * `messages` is the size of an account; default: a million.
 */
export async function runClosedLoop(
  workerAssignment: WorkerAssignment,
  seconds: number,
  lost: (reason: string) => void,
  messages?: number,
): Promise<{ tally: DeliveryTally; expected: number }> {
  const { settings, inFlight } = workerAssignment;
  const dialer = await openDialer(workerAssignment);
  const loop = new ClosedLoop(workerAssignment, lost, messages);
  const { phases } = loop.assignment;
  const clients = Array.from({ length: settings.clients }, (_, number) => new ClosedLoopClient(loop, number));
  const unconnected = clients.entries();
  const connectInTurn = async (): Promise<void> => {
    for (const [number, client] of unconnected)
      client.connection = await dialer.connect(client, {
        server: 0,
        index: 0,
        phase: phases[number]!,
        client: number,
        room: 0,
      });
  };
  await Promise.all(Array.from({ length: inFlight }, connectInTurn));
  loop.endUs = nowUs() + seconds * 1e6;
  for (const client of clients) client.sendNext(nowUs());
  await delay(seconds * 1000);
  const drainEndUs = nowUs() + 3e6;
  while (loop.tally().delivered < loop.expected && nowUs() < drainEndUs) await delay(50);
  return { tally: loop.tally(), expected: loop.expected };
}
