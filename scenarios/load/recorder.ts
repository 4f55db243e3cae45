import { HistogramRecorder } from "../../results/statistics/histogram.ts";
import type { Schedule } from "../workload/schedule.ts";

/** Latencies of measured messages of one process. Plain data. */
export interface MessageLatencies {
  /** The largest latency of each message in microseconds, NaN without a delivery. */
  largestLatencyUs: Float32Array;
  /** Numbers of these messages among the measured ones of the whole trial. Default: the process has all messages. */
  messages?: Int32Array;
}

/** Encoded histograms of one process, in microseconds, and the latencies of all its measured messages. */
export interface Histograms extends MessageLatencies {
  connect: string;
  latency: string;
  service: string;
  sendLag: string;
}

/** Records a first delivery of a measured message: as the ledger says it, whoever the receiver is. */
type RecordDelivery = (message: number, dueUs: number, lagUs: number, nowUs: number) => void;

/** Histograms of one process while it measures. */
export interface Recorder {
  connect: HistogramRecorder;
  sendLag: HistogramRecorder;
  /** Records the latency and the service time of a delivery. Allocates nothing. */
  onDelivery: RecordDelivery;
  histograms(): Histograms;
  /** Deliveries that took longer than `lateAboveUs`. */
  late(): number;
  /** The largest latency so far of the measured messages from number `from` to before `to` of this process. */
  largest(from: number, to: number): MessageLatencies;
}

/**
 * Empty histograms for one process of a trial with this schedule. `lateAboveUs` is the latency above which a delivery is
 * counted as late; without it none is, at no cost.
 */
export function openRecorder({ sender, warmupCount, part }: Schedule, lateAboveUs?: number): Recorder {
  const [connect, sendLag] = [new HistogramRecorder(), new HistogramRecorder()];
  const [latency, service] = [new HistogramRecorder(), new HistogramRecorder()];
  const messages = part?.numbers.subarray(warmupCount).map((number) => number - part.warmupCount);
  const largestLatencyUs = new Float32Array(sender.length - warmupCount).fill(NaN);
  let lateCount = 0;
  const record: RecordDelivery = (message, dueUs, lagUs, atUs) => {
    const latencyUs = Math.round(atUs - dueUs);
    latency.record(latencyUs);
    service.record(Math.max(0, latencyUs - lagUs));
    const before = largestLatencyUs[message - warmupCount]!;
    if (!(before >= latencyUs)) largestLatencyUs[message - warmupCount] = latencyUs; // NaN >= x is false
  };
  const recordLate: RecordDelivery = (message, dueUs, lagUs, atUs) => {
    if (Math.round(atUs - dueUs) > lateAboveUs!) lateCount++;
    record(message, dueUs, lagUs, atUs);
  };
  return {
    connect,
    sendLag,
    onDelivery: lateAboveUs === undefined ? record : recordLate,
    late: () => lateCount,
    largest: (from, to) => ({
      largestLatencyUs: largestLatencyUs.slice(from, to),
      ...(messages && { messages: messages.slice(from, to) }),
    }),
    histograms: () => ({
      connect: connect.encode(),
      latency: latency.encode(),
      service: service.encode(),
      sendLag: sendLag.encode(),
      largestLatencyUs,
      ...(messages && { messages }),
    }),
  };
}
