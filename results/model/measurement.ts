import type { Traffic } from "../../scenarios/contract.ts";
import type { Histogram } from "../statistics/histogram.ts";

/** What tells a trial's row from others and what pairs it with them. */
export interface RowKeys {
  run_id: string;
  started_at: string;
  repeat: number;
  build: string;
  scenario: string;
  transport: string;
  clients: number;
  rooms: number;
  senders: number;
  payload_bytes: number;
  payload_kind: string;
  offered_per_s: number;
  duration_s: number;
  extra_header_bytes: number;
  network: string;
  client: string;
  /** Left out where they are not ours. */
  server_processes?: number;
  traffic_pattern: string;
}

/** A process's use of the measured window. NaN is what cannot be known, of a server that is another program. */
export interface ProcessLoad {
  cpuUs: number;
  /** CPU time per time, in percent of one core. */
  cpuPercent: number;
  /** Share of the time in which the event loop was not waiting, 0 to 1. */
  elu: number;
  rssBytes: number;
  gcUs: number;
  /** How late the event loop came round to a timer. */
  loopDelayP99Us: number;
  loopDelayMaxUs: number;
  /** Share of the time in which the main thread was ready and had no CPU, in percent; undefined where the system does not say. */
  cpuWaitPercent: number | undefined;
}

/** A second of the window, or what is left of one at its end. */
export interface SecondOfWindow {
  /** Seconds from T0 to its beginning. */
  fromS: number;
  /** Messages due in it, and the largest latencies of those that were delivered at all. */
  messages: number;
  fanout: { p50Us: number; maxUs: number } | undefined;
  /** Undefined where the servers are not ours, as below. */
  serverCpuPercent: number | undefined;
  serverRssBytes: number | undefined;
  serverLoopDelayMaxUs: number | undefined;
  /** Of the latest worker. */
  clientLoopDelayMaxUs: number;
}

/** What the kernel counted in the window, in a network namespace of the trial's own. */
export interface PacketCounts {
  segments: number;
  retransmissions: number;
  octets: number;
}

/** What a trial saw, merged over its workers. Histograms are of microseconds; undefined is what could not be known. */
export interface Measurement extends DeliveryTally {
  connect: Histogram;
  /** Time from the first connect to the last link being ready. */
  connectingUs: number;
  /** Bytes of all clients until their links were ready. */
  connectBytes: { in: number; out: number } | undefined;
  /**
   * Where messages are visits: the clients whose `connectBytes` were taken before the load, what passed from before the first visit to after
   * the last, warm-up included, so that none is cut in two, and of the visits of the window how many began late, as every place was taken,
   * and what went wrong how often.
   */
  visits?:
    | {
        scouts: number;
        traffic: Traffic | undefined;
        waited: number;
        troubles: ReadonlyMap<string, number>;
      }
    | undefined;
  warmupUs: number;
  /**
   * Where nobody sends: how many whole cycles the window held, how long one is when nothing shortens it, and whether the connections were
   * quiet at the window's edges, so that no cycle was cut.
   */
  idle: { cycles: number; periodMs: number; quiet: boolean } | undefined;
  planned: number;
  sent: number;
  /** `expected`, `delivered` and `windowDeliveries` are of the clients that were not stopped, and so is all that follows. */
  expected: number;
  /** The clients that were stopped in the window, those of them that the server dropped, and deliveries to them. */
  slow?: { clients: number; dropped: number; expected: number; delivered: number } | undefined;
  latency: Histogram;
  service: Histogram;
  sendLag: Histogram;
  /** The largest latency of each measured message that was delivered at all, ascending. */
  slowestUs: Float32Array;
  /** Medians of the quiet worker's clients and of the crowd, where they were apart. */
  apart: { observersP50Us: number; crowdP50Us: number } | undefined;
  /** Whether the server sends: it wakes by a millisecond timer, so that it costs its server no CPU. */
  hubSpeaks: boolean;
  /** Whether messages waited for their side's turn, which is in the latency and not in the service. */
  turns: boolean;
  /** From T0 to T1: messages that the hub was told as their receiver, and what the sockets carried. */
  heard: number;
  traffic: Traffic | undefined;
  packets: PacketCounts | undefined;
  /** Connections that found the accept queue full, and packets that found the kernel's queue full, over the whole trial. */
  listenOverflows: number | undefined;
  queueDrops: number | undefined;
  /** Empty where the servers are not ours. */
  servers: readonly ProcessLoad[];
  /** The servers' CPU time per delivery in the two halves of the window. */
  halvesCpuUs: readonly [number, number] | undefined;
  /** Resident memory of the servers before the first client, and how it grew per client. */
  rssRestBytes: number | undefined;
  rssPerClientBytes: number | undefined;
  /** Resident memory in the middle of the window. */
  rssMiddleBytes: number | undefined;
  workers: readonly ProcessLoad[];
  seconds: readonly SecondOfWindow[];
  /** CPU time of everything on the machine that is not of this trial, in percent of one core. */
  foreignCpuPercent: number | undefined;
  cores: number;
}
/** What became of every delivery that a ledger's receivers saw, warm-up included, but for `delivered`, which is of the window only. */
export interface DeliveryTally {
  /** Distinct correct (message, receiver) pairs of the measured messages. */
  delivered: number;
  /** Deliveries beyond the first. */
  duplicated: number;
  /** Deliveries that came after a later message of the same sender. */
  reordered: number;
  /** Payloads with a stamp of the plan that are otherwise not as they were sent. */
  corrupted: number;
  /** Messages that are on no plan, not due yet or not for this receiver; a damaged stamp makes a message one of these. */
  unexpected: number;
  /** Those of the unexpected that came before they were due: the clocks of the processes disagree. */
  early: number;
  /** First deliveries of any message that fell between T0 and T1. */
  windowDeliveries: number;
}
