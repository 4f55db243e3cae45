import { Recording } from "../../results/statistics/histogram.ts";
import type { OnDelivery } from "./delivery-ledger.ts";
import type { Plan } from "../workload/plan.ts";

/** What was measured: encoded histograms, in microseconds, and the largest latency of each measured message, NaN where none. */
export interface Values {
  connect: string;
  latency: string;
  service: string;
  sendLag: string;
  slowest: Float32Array;
}

/** Where one process keeps what it measures. */
export interface Recorder {
  connect: Recording;
  sendLag: Recording;
  onDelivery: OnDelivery;
  values(): Values;
}

/** Opens empty histograms for one process of a trial with this plan. */
export function openRecorder(script: Plan): Recorder {
  const [connect, latency, service, sendLag] = [new Recording(), new Recording(), new Recording(), new Recording()];
  const slowest = new Float32Array(script.sender.length - script.warmup).fill(NaN);
  return {
    connect,
    sendLag,
    onDelivery(message, dueUs, lagUs, atUs) {
      const latencyUs = Math.round(atUs - dueUs);
      latency.record(latencyUs);
      service.record(Math.max(0, latencyUs - lagUs));
      const before = slowest[message - script.warmup]!;
      if (!(before >= latencyUs)) slowest[message - script.warmup] = latencyUs;
    },
    values: () => ({
      connect: connect.encode(),
      latency: latency.encode(),
      service: service.encode(),
      sendLag: sendLag.encode(),
      slowest,
    }),
  };
}
