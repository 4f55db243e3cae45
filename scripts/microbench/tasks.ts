import { columns } from "../../results/model/columns.ts";
import { formatCsvLine } from "../../results/files/csv.ts";
import { HistogramRecorder } from "../../results/statistics/histogram.ts";
import { batch, batcher, batchMessage, readBatch, type BatchMessage } from "../../servers/protocols/batch.ts";
import { encodeFrame } from "../../servers/lib/websocket/frames.ts";
import { openMessageQueue } from "../../servers/lib/http/message-queue.ts";
import { record, recordReader } from "../../servers/protocols/records.ts";
import { openLedger } from "../../scenarios/load/delivery-ledger.ts";
import { pace } from "../../scenarios/lib/pace.ts";
import { createPayloads } from "../../scenarios/workload/payloads.ts";
import { planSchedule } from "../../scenarios/workload/schedule.ts";
import { scenarios } from "../../scenarios/scenarios.ts";
import { resolveSettings } from "../../scenarios/definitions/settings.ts";
import { readStamp, writeStamp } from "../../scenarios/lib/message-stamp.ts";
import { dialectTasks } from "./dialect-tasks.ts";
import { hostedRoom } from "./hosted-room.ts";
import { assignClients } from "../../scenarios/workload/assignment.ts";

/** One small piece of work that the harness or a server half does for every message. */
export interface MicroTask {
  name: string;
  /** Payload bytes of each message. Left out where the size does not matter. */
  payloadBytes?: number;
  /** Number of messages that one call of the timed function handles. */
  messagesPerCall: number;
  /** Prepares the task. The returned function is timed; it returns the number of messages that it handled. */
  prepare(): () => number;
}

const payloadBytes = 128;
const content = createPayloads(payloadBytes, "text", 1);
const payload = content.make(7, 42, 1234);

/** Encodes one message. */
function frameTask(name: string, encode: (payload: Buffer, text: boolean) => unknown): MicroTask {
  return {
    name: `frame: ${name}`,
    payloadBytes,
    messagesPerCall: 1,
    prepare: () => () => (encode(payload, true) ? 1 : 0),
  };
}

/** Parses `bytes`, which arrive in one read and hold `manyPayloads`. The reader calls `receive` for each message. */
function parseTask(name: string, bytes: Buffer, reader: (receive: () => void) => (bytes: Buffer) => void): MicroTask {
  return {
    name: `parse: ${name}`,
    payloadBytes,
    messagesPerCall: manyPayloads.length,
    prepare() {
      let messages = 0;
      const read = reader(() => void messages++);
      return () => {
        messages = 0;
        read(bytes);
        return messages;
      };
    },
  };
}

/** Payloads that arrive in one read at a high rate. */
const manyPayloads = Array.from({ length: 64 }, (_, seq) => content.make(7, seq, 1234));
const records = Buffer.concat(manyPayloads.map((each) => record(each, true)));
const jsonBatch = batch(manyPayloads.map((each) => batchMessage(each, true)));

/** Number of clients that each delivery task sends to. */
const receivers = 1_000;
/** Number of due times in the task that paces. */
const dueTimes = 1_000;
/** Load of the task that records deliveries. chat-100 has one room, so every receiver gets every message. */
const ledgerLoad = { durationMs: 10_000, ratePerS: 100, receivers: 10 };

/** Records all deliveries of a trial's schedule for some receivers. */
function ledgerTask(): () => number {
  const { durationMs, ratePerS } = ledgerLoad;
  const settings = resolveSettings("micro", scenarios["chat-100"], { durationMs, warmupMs: 0, ratePerS, payloadBytes });
  const assignment = assignClients(settings);
  const schedule = planSchedule(settings, assignment.senders);
  const slots = assignment.joinOrder.slice(0, ledgerLoad.receivers);
  const sent = Array.from(schedule.sender, (sender, i) => content.make(sender, schedule.seq[i]!, 0));
  const window = { startUs: -Infinity, t0Us: 0, t1Us: 1e7 };
  return function recordAll() {
    let delivered = 0;
    const ledger = openLedger(slots, assignment, schedule, content, window, () => void delivered++);
    for (let slot = 0; slot < slots.length; slot++)
      for (const each of sent) ledger.recordDelivery(slot, each, true, 1e7);
    return delivered;
  };
}

/** Sends at every due time of a schedule. The clock is a fake one: it jumps to the time of each timer. */
function paceTask(): () => number {
  const dueUs = Float64Array.from({ length: dueTimes }, (_, i) => i * 100);
  return function sendAll() {
    let [timeUs, sent] = [0, 0];
    const clock = {
      nowUs: () => timeUs,
      after(ms: number, wake: () => void) {
        timeUs += 1000 * ms;
        wake();
      },
      soon: (wake: () => void) => wake(),
    };
    void pace(dueUs, () => void sent++, false, clock);
    return sent;
  };
}

/**
 * Delivers a broadcast to clients that poll: each poll takes the waiting messages as one response, and the next poll
 * acknowledges it.
 */
function pollingTask(): () => number {
  const batchOf = batcher();
  const queues = Array.from({ length: receivers }, () => openMessageQueue(batchOf));
  let put = 0;
  return function pollAll() {
    const message: BatchMessage = batchMessage(payload, true);
    for (const queue of queues) {
      queue.acknowledge(put);
      queue.put(message);
      queue.take();
    }
    put++;
    return queues.length;
  };
}

function stampWriteTask(): () => number {
  const buffer = Buffer.from(payload);
  let seq = 0;
  return () => {
    writeStamp(buffer, 7, seq++ & 0xffff, 1234);
    return 1;
  };
}

function stampReadTask(): () => number {
  const stamp = { sender: 0, seq: 0, lagUs: 0 };
  return () => (readStamp(payload, stamp) ? 1 : 0);
}

function histogramTask(): () => number {
  const values = new HistogramRecorder();
  let valueUs = 0;
  return () => {
    values.record((valueUs = (valueUs + 7_919) & 0xfffff));
    return 1;
  };
}

function rowTask(): () => number {
  const row = Object.fromEntries(
    Object.entries(columns).map(([name, { type }]) => [name, type === "text" ? name : 1.5]),
  );
  return () => (formatCsvLine(row).length > 0 ? 1 : 0);
}

/** Delivers `times` messages to every receiver in one tick, as a server half does, without its sockets. */
function deliveryTask(name: string, times: number, encode: (payload: Buffer, text: boolean) => Buffer): MicroTask {
  return {
    name,
    payloadBytes,
    messagesPerCall: receivers * times,
    prepare: () => hostedRoom(receivers, payload, times, encode),
  };
}

/** All tasks: the work for every message, and the writing of one result row. To add a task, add an entry. */
export const microTasks: readonly MicroTask[] = [
  frameTask("record", record),
  frameTask("WebSocket", encodeFrame),
  frameTask("JSON batch", (bytes, text) => batch([batchMessage(bytes, text)])),
  parseTask("records", records, (receive) => recordReader(payloadBytes, receive, () => undefined)),
  parseTask("JSON batch", Buffer.from(jsonBatch.body as string), (receive) => (bytes) => {
    readBatch(jsonBatch.type, bytes, receive);
  }),
  {
    name: "payload: make",
    payloadBytes,
    messagesPerCall: 1,
    prepare: () => () => content.make(7, 42, 1234).length && 1,
  },
  {
    name: "payload: check",
    payloadBytes,
    messagesPerCall: 1,
    prepare: () => () => (content.matches(payload, true, 7, 42) ? 1 : 0),
  },
  { name: "stamp: write", messagesPerCall: 1, prepare: stampWriteTask },
  { name: "stamp: read", messagesPerCall: 1, prepare: stampReadTask },
  { name: "histogram: record", messagesPerCall: 1, prepare: histogramTask },
  {
    name: "ledger: record",
    messagesPerCall: (ledgerLoad.receivers * ledgerLoad.ratePerS * ledgerLoad.durationMs) / 1000,
    prepare: ledgerTask,
  },
  { name: "pace: send due messages", messagesPerCall: dueTimes, prepare: paceTask },
  { name: "row: write", messagesPerCall: 1, prepare: rowTask },
  deliveryTask("tcp half: deliver", 1, record),
  deliveryTask("tcp half: deliver 8 at once", 8, record),
  deliveryTask("ws half: deliver", 1, encodeFrame),
  deliveryTask("ws half: deliver 8 at once", 8, encodeFrame),
  ...dialectTasks(manyPayloads),
  { name: "polling half: deliver", payloadBytes, messagesPerCall: receivers, prepare: pollingTask },
];
