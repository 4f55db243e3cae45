import type { Traffic } from "../scenarios/contract.ts";
import type { Histogram } from "./histogram.ts";

/** What tells a trial's row from others and what pairs it with them. */
export interface Keys {
  run_id: string;
  started_at: string;
  repeat: number;
  scenario: string;
  transport: string;
  clients: number;
  rooms: number;
  senders: number;
  payload_bytes: number;
  payload_kind: string;
  offered_per_s: number;
  duration_s: number;
  network: string;
  client: string;
}

/** A process's use of the measured window. */
export interface Load {
  cpuUs: number;
  /** CPU time per time, in percent of one core. */
  cpuPercent: number;
  /** Share of the time in which the event loop was not waiting, 0 to 1. */
  elu: number;
  rssBytes: number;
}

/** What a trial saw, merged over its workers. Histograms are of microseconds. */
export interface Measurement {
  connect: Histogram;
  /** Time from the first connect to the last link being ready. */
  connectingUs: number;
  /** Bytes of all clients until their links were ready; undefined where the server cannot tell. */
  connectBytes: { in: number; out: number } | undefined;
  planned: number;
  sent: number;
  expected: number;
  delivered: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  unexpected: number;
  windowDeliveries: number;
  latency: Histogram;
  service: Histogram;
  sendLag: Histogram;
  /** From T0 to T1. */
  traffic: Traffic | undefined;
  server: Load;
  workers: readonly Load[];
  cores: number;
}
