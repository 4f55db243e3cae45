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
import { hostedRoom } from "./hosted-room.ts";
import { assignClients } from "../../scenarios/workload/assignment.ts";

/** Something small that is done for every message, or nearly. */
export interface MicroTask {
  name: string;
  /** Payload bytes of each message, where they matter. */
  payloadBytes?: number;
  /** Prepares everything; what it returns is what is timed, and says how many messages one call of it is good for. */
  prepare(): () => number;
}

const payloadBytes = 128;
const content = createPayloads(payloadBytes, "text", 1);
const payload = content.make(7, 42, 1234);

/** Turns one message into what travels. */
function frameTask(name: string, encode: (payload: Buffer, text: boolean) => unknown): MicroTask {
  const begin: MicroTask["prepare"] = () => () => (encode(payload, true) ? 1 : 0);
  return { name: `frame: ${name}`, payloadBytes, prepare };
}

/** Reads `bytes`, as they would come in one piece, with a reader that hands each message on. */
function parseTask(name: string, bytes: Buffer, reader: (receive: () => void) => (bytes: Buffer) => void): MicroTask {
  return {
    name: `parse: ${name}`,
    payloadBytes,
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

/** Messages that come in one read, when many do. */
const manyPayloads = Array.from({ length: 64 }, (_, seq) => content.make(7, seq, 1234));
const records = Buffer.concat(manyPayloads.map((each) => record(each, true)));
const jsonBatch = batch(manyPayloads.map((each) => batchMessage(each, true)));

/** A delivery to each of 1,000 clients, but for the socket: encoding, counting, the look at the queue. */
const receivers = 1_000;

/** A trial's plan, and the books of some of its receivers. */
function ledgerTask(): () => number {
  const settings = resolveSettings("micro", scenarios["chat-100"], {
    durationMs: 10_000,
    warmupMs: 0,
    ratePerS: 100,
    payloadBytes,
  });
  const assignment = assignClients(settings);
  const schedule = planSchedule(settings, assignment.senders);
  const slots = assignment.joinOrder.slice(0, 10);
  const sent = Array.from(schedule.sender, (sender, i) => content.make(sender, schedule.seq[i]!, 0));
  const window = { startUs: -Infinity, t0Us: 0, t1Us: 1e7 };
  return function keepBooks() {
    let delivered = 0;
    const ledger = openLedger(slots, assignment, schedule, content, window, () => void delivered++);
    for (let slot = 0; slot < slots.length; slot++)
      for (const each of sent) ledger.recordDelivery(slot, each, true, 1e7);
    return delivered;
  };
}

/** 1,000 due times on a clock that jumps to wherever it is asked to wake. */
function paceTask(): () => number {
  const dueUs = Float64Array.from({ length: 1_000 }, (_, i) => i * 100);
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

/** Every receiver of a broadcast polls: what waits is put into one response, which the next ask acknowledges. */
function pollingTask(): () => number {
  const batchOf = batcher();
  const boxes = Array.from({ length: receivers }, () => openMessageQueue(batchOf));
  let put = 0;
  return function pollAll() {
    const message: BatchMessage = batchMessage(payload, true);
    for (const box of boxes) {
      box.acknowledge(put);
      box.put(message);
      box.take();
    }
    put++;
    return boxes.length;
  };
}

function stampWriteTask(): () => number {
  const into = Buffer.from(payload);
  let seq = 0;
  return () => {
    writeStamp(into, 7, seq++ & 0xffff, 1234);
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

/** Everything that is done for every message, and the writing of a row. To add one, write a line. */
export const microTasks: readonly MicroTask[] = [
  frameTask("record", record),
  frameTask("WebSocket", encodeFrame),
  frameTask("JSON batch", (bytes, text) => batch([batchMessage(bytes, text)])),
  parseTask("records", records, (receive) => recordReader(payloadBytes, receive, () => undefined)),
  parseTask("JSON batch", Buffer.from(jsonBatch.body as string), (receive) => (bytes) => {
    readBatch(jsonBatch.type, bytes, receive);
  }),
  { name: "payload: make", payloadBytes, prepare: () => () => content.make(7, 42, 1234).length && 1 },
  { name: "payload: check", payloadBytes, prepare: () => () => (content.matches(payload, true, 7, 42) ? 1 : 0) },
  { name: "stamp: write", prepare: stampWriteTask },
  { name: "stamp: read", prepare: stampReadTask },
  { name: "histogram: record", prepare: histogramTask },
  { name: "ledger: enter", prepare: ledgerTask },
  { name: "pace: send what is due", prepare: paceTask },
  { name: "row: write", prepare: rowTask },
  { name: "tcp half: deliver", payloadBytes, prepare: () => hostedRoom(receivers, payload, 1, record) },
  { name: "tcp half: deliver 8 at once", payloadBytes, prepare: () => hostedRoom(receivers, payload, 8, record) },
  { name: "ws half: deliver", payloadBytes, prepare: () => hostedRoom(receivers, payload, 1, encodeFrame) },
  { name: "ws half: deliver 8 at once", payloadBytes, prepare: () => hostedRoom(receivers, payload, 8, encodeFrame) },
  { name: "polling half: deliver", payloadBytes, prepare: pollingTask },
];
