import { setTimeout as delay } from "node:timers/promises";
import { arrivalUs, nowUs } from "../../scenarios/lib/clock.ts";
import { HistogramRecorder } from "../../results/statistics/histogram.ts";
import type { ConnectionHandler, Connection } from "../../scenarios/contract.ts";
import { openLedger } from "../../scenarios/load/delivery-ledger.ts";
import { createPayloads } from "../../scenarios/workload/payloads.ts";
import { type Schedule } from "../../scenarios/workload/schedule.ts";
import type { WorkerAssignment } from "../../scenarios/load/virtual-clients.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { type DeliveryTally } from "../../results/model/measurement.ts";
import { assignClients } from "../../scenarios/workload/assignment.ts";

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

/**
 * Runs an echo as a closed loop for this many seconds: each client sends its next message when the response to its last
 * one arrives, and every message is due when it is sent. Returns the deliveries and the number of expected ones.
 */
export async function runClosedLoop(
  { transport: name, settings, options, addresses, inFlight }: WorkerAssignment,
  seconds: number,
  lost: (reason: string) => void,
): Promise<{ tally: DeliveryTally; expected: number }> {
  const { clients, payloadBytes, payloadKind, seed } = settings;
  const transport = await loadTransport(name);
  const { default: connect } = await transport.client();
  const assignment = assignClients(settings);
  const perClient = Math.ceil((seconds * maxMessagesPerS) / clients);
  const schedule = openSchedule(clients, perClient * clients);
  const content = createPayloads(payloadBytes, payloadKind, seed);
  const [latency, service, sendLag] = [new HistogramRecorder(), new HistogramRecorder(), new HistogramRecorder()];
  const slowest = new Float32Array(schedule.sender.length).fill(NaN);
  const window = { startUs: 0, t0Us: 0, t1Us: Infinity };
  const allClients = Array.from({ length: clients }, (_, client) => client);
  const ledger = openLedger(allClients, assignment, schedule, content, window, (message, dueUs, lagUs, atUs) => {
    const latencyUs = Math.round(atUs - dueUs);
    latency.record(latencyUs);
    service.record(Math.max(0, latencyUs - lagUs));
    if (!(slowest[message]! >= latencyUs)) slowest[message] = latencyUs;
  });

  let endUs = Infinity;
  let expected = 0;

  class Client implements ConnectionHandler {
    connection!: Connection;
    private readonly number: number;
    private sent = 0;

    constructor(number: number) {
      this.number = number;
    }

    sendNext(atUs: number): void {
      const seq = this.sent++;
      if (seq === perClient)
        return lost(`client ${this.number} has sent all of its ${perClient} messages before the end`);
      schedule.dueUs[seq * clients + this.number] = atUs;
      sendLag.record(0);
      this.connection.send(content.stamped(this.number, seq, 0), payloadKind === "text");
      expected++;
    }

    receive(payload: Buffer, text: boolean): void {
      const atUs = arrivalUs();
      ledger.recordDelivery(this.number, payload, text, atUs);
      if (atUs < endUs) this.sendNext(atUs);
    }

    closed(error?: Error): void {
      lost(`client ${this.number} lost its connection: ${error?.message ?? "the server closed it"}`);
    }
  }

  const virtualClients = allClients.map((number) => new Client(number));
  const unconnected = virtualClients.entries();
  const connectInTurn = async (): Promise<void> => {
    for (const [number, client] of unconnected)
      client.connection = await connect(addresses[0]![0]!, client, {
        ...optionsFor(transport, options),
        phase: assignment.phases[number]!,
      });
  };
  await Promise.all(Array.from({ length: inFlight }, connectInTurn));
  endUs = nowUs() + seconds * 1e6;
  for (const client of virtualClients) client.sendNext(nowUs());
  await delay(seconds * 1000);
  for (const drainEndUs = nowUs() + 3e6; ledger.tally().delivered < expected && nowUs() < drainEndUs;) await delay(50);
  return { tally: ledger.tally(), expected };
}
