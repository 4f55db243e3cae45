import { HistogramRecorder } from "../../results/statistics/histogram.ts";
import type { OnDelivery } from "./delivery-ledger.ts";
import type { Schedule } from "../workload/schedule.ts";

/** What was measured: encoded histograms, in microseconds, and the largest latency of each measured message, NaN where none. */
export interface Histograms {
  connect: string;
  latency: string;
  service: string;
  sendLag: string;
  largestLatencyUs: Float32Array;
}

/** Where one process keeps what it measures. */
export interface Recorder {
  connect: HistogramRecorder;
  sendLag: HistogramRecorder;
  onDelivery: OnDelivery;
  histograms(): Histograms;
}

/** Opens empty histograms for one process of a trial with this plan. */
export function openRecorder(schedule: Schedule): Recorder {
  const [connect, latency, service, sendLag] = [
    new HistogramRecorder(),
    new HistogramRecorder(),
    new HistogramRecorder(),
    new HistogramRecorder(),
  ];
  const slowest = new Float32Array(schedule.sender.length - schedule.warmupCount).fill(NaN);
  return {
    connect,
    sendLag,
    onDelivery(message, dueUs, lagUs, atUs) {
      const latencyUs = Math.round(atUs - dueUs);
      latency.record(latencyUs);
      service.record(Math.max(0, latencyUs - lagUs));
      const before = slowest[message - schedule.warmupCount]!;
      if (!(before >= latencyUs)) slowest[message - schedule.warmupCount] = latencyUs;
    },
    histograms: () => ({
      connect: connect.encode(),
      latency: latency.encode(),
      service: service.encode(),
      sendLag: sendLag.encode(),
      largestLatencyUs: slowest,
    }),
  };
}
