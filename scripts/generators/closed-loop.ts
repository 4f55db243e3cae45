import { setTimeout as delay } from "node:timers/promises";
import type { DeliveryTally } from "../../results/model/measurement.ts";
import type { Connection, ConnectionHandler } from "../../scenarios/contract.ts";
import { arrivalUs, nowUs } from "../../scenarios/lib/clock.ts";
import { openDialer } from "../../scenarios/load/dialer.ts";
import type { WorkerAssignment } from "../../scenarios/load/virtual-clients.ts";
import { Workload } from "../../scenarios/load/workload.ts";
import { assignClients, type Assignment } from "../../scenarios/workload/assignment.ts";
import { createPayloads } from "../../scenarios/workload/payloads.ts";
import type { Schedule } from "../../scenarios/workload/schedule.ts";

/** More messages per second than one core can send. */
const maxMessagesPerS = 100_000;

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
  private sent = 0;

  constructor(loop: ClosedLoop, number: number) {
    this.loop = loop;
    this.number = number;
  }

  sendNext(atUs: number): void {
    this.loop.send(this.connection, this.number, this.sent++, atUs);
  }

  receive(payload: Buffer, text: boolean): void {
    const atUs = arrivalUs();
    this.loop.workload.receive(this.number, payload, text, atUs);
    if (atUs < this.loop.endUs) this.sendNext(atUs);
  }

  closed(error?: Error): void {
    this.loop.lost(`client ${this.number} lost its connection: ${error?.message ?? "the server closed it"}`);
  }
}

/** An echo as a closed loop: every message is due when it is sent. */
class ClosedLoop {
  readonly workload: Workload;
  readonly assignment: Assignment;
  readonly lost: (reason: string) => void;
  endUs = Infinity;
  expected = 0;
  private readonly clientCount: number;
  private readonly messagesPerClient: number;

  constructor({ settings }: WorkerAssignment, seconds: number, lost: (reason: string) => void) {
    const { clients, payloadBytes, payloadKind, seed } = settings;
    this.assignment = assignClients(settings);
    this.lost = lost;
    this.clientCount = clients;
    this.messagesPerClient = Math.ceil((seconds * maxMessagesPerS) / clients);
    this.workload = new Workload({
      schedule: openSchedule(clients, this.messagesPerClient * clients),
      payloads: createPayloads(payloadBytes, payloadKind, seed),
      payloadKind,
      receivers: Array.from({ length: clients }, (_, client) => client),
      audience: this.assignment,
    });
    this.workload.startWarmUp(0);
    this.workload.scheduleWindow({ t0Us: 0, t1Us: Infinity });
  }

  send(connection: Connection, client: number, seq: number, atUs: number): void {
    if (seq === this.messagesPerClient)
      return this.lost(`client ${client} has sent all of its ${this.messagesPerClient} messages before the end`);
    const { workload } = this;
    const message = seq * this.clientCount + client;
    workload.schedule.dueUs[message] = atUs;
    workload.recorder.sendLag.record(0);
    connection.send(workload.stamped(message, 0), workload.sendsText);
    this.expected++;
  }
}

/** Runs an echo as a closed loop for this many seconds. Returns the deliveries and the number of expected ones. */
export async function runClosedLoop(
  workerAssignment: WorkerAssignment,
  seconds: number,
  lost: (reason: string) => void,
): Promise<{ tally: DeliveryTally; expected: number }> {
  const { settings, inFlight } = workerAssignment;
  const dialer = await openDialer(workerAssignment);
  const loop = new ClosedLoop(workerAssignment, seconds, lost);
  const { phases } = loop.assignment;
  const clients = Array.from({ length: settings.clients }, (_, number) => new ClosedLoopClient(loop, number));
  const unconnected = clients.entries();
  const connectInTurn = async (): Promise<void> => {
    for (const [number, client] of unconnected)
      client.connection = await dialer.connect(client, { server: 0, index: 0, phase: phases[number]! });
  };
  await Promise.all(Array.from({ length: inFlight }, connectInTurn));
  loop.endUs = nowUs() + seconds * 1e6;
  for (const client of clients) client.sendNext(nowUs());
  await delay(seconds * 1000);
  const { workload } = loop;
  const drainEndUs = nowUs() + 3e6;
  while (workload.tally().delivered < loop.expected && nowUs() < drainEndUs) await delay(50);
  return { tally: workload.tally(), expected: loop.expected };
}
