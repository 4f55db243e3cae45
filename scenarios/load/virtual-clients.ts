import type { DeliveryTally, Interruption } from "../../results/model/measurement.ts";
import type { Address, Options } from "../contract.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Dialect } from "../lib/dialect.ts";
import type { Absence, GoneClient } from "../workload/gone-client.ts";
import type { Strike } from "./interruptions.ts";
import type { WindowTimes } from "./measurement-window.ts";
import type { MissingDeliveries } from "./missing-deliveries.ts";
import type { Histograms, MessageLatencies } from "./recorder.ts";
import type { SendCounts } from "./sender.ts";
import type { PartOfWindow, PayloadTotals, WatchedCounts } from "./workload.ts";

/** The share of a trial's clients that one worker process plays. Plain data: it crosses a process border. */
export interface WorkerAssignment {
  /** Name of the transport, or path of its module. */
  transport: string;
  settings: Settings;
  options: Options;
  /** Addresses of each server. */
  addresses: readonly (readonly Address[])[];
  /** Number of this worker. */
  worker: number;
  /** Prefix of this trial's rooms, where the server serves others too. */
  roomPrefix?: string;
  /** Conversation of the server, where it is none of ours. */
  dialect?: Dialect;
  /** Lines of --data of this worker's clients, by the number of the client. */
  data?: Readonly<Record<number, Readonly<Record<string, string>>>>;
  /** Connects that may be under way at once. */
  inFlight: number;
  /** Time from which on clients connect, where the settings limit the rate. Default: at once. */
  connectFromUs?: number;
  /** Most by which the clocks of two hosts of the trial may differ, in microseconds. Default: there is one clock. */
  clockErrorUs?: number;
}

/** Begin of the first connect and end of the last one, on the host's clock. */
export interface ConnectResult {
  fromUs: number;
  toUs: number;
}

/** Sessions of one worker that were due in the window. */
export interface SessionCounts {
  /** From T0 to the last ready connection. */
  connecting: ConnectResult;
  /** Sessions that began late because all slots were in use. */
  delayed: number;
  /** Failures by reason. */
  failures: ReadonlyMap<string, number>;
}

/** Result of a worker's window. */
export interface WindowResult extends SendCounts {
  /** Only with one connection per message. */
  sessions?: SessionCounts;
}

/** Counts of one worker at a moment. */
export interface WorkerProgress {
  /** Clients that have connected. */
  connected: number;
  /** Clients whose first message was answered. */
  verified: number;
  /** Open connections. */
  open: number;
  /** Clients that have no connection at the moment and will be back. */
  away: number;
  /** Clients that were refused or dropped. A paused client that is disconnected in the window is not one of them. */
  gone: number;
  /** Messages of the load that these clients have sent, those of the warm-up included. */
  sent: number;
  tally: DeliveryTally;
}

/** What one worker has seen of a fault. Plain data. */
export interface WorkerFaultReport {
  /** Messages that were due at a client without a connection and were said when it was back. */
  unsaid: number;
  /** Empty where the fault does not meet the clients of this worker. */
  interruptions: Interruption[];
  /** Deliveries that were lost since their sender was struck, beside those that interruptions explain. */
  lostWithSenders: number;
  /** Encoded histogram of the latency of the others, from the fault to 5 s after it. Empty where the fault meets all. */
  bystanders: string;
}

/**
 * Clients of a trial in this process. Its methods are called once each, in this order; `progress`, `watched`,
 * `latenciesIn`, `totals` and `gone` at any time.
 */
export interface VirtualClients {
  connect(): Promise<ConnectResult>;
  /**
   * Sends each client's first message from `startUs` on. Resolves when all have their answers; rejects at a wrong one.
   */
  verify(startUs: number): Promise<void>;
  /** Sends from `startUs` on until T0, whenever that will be. */
  warmUp(startUs: number): void;
  /** Sends what is due in the window. Resolves after T1. */
  runWindow(times: WindowTimes): Promise<WindowResult>;
  progress(): WorkerProgress;
  histograms(): Histograms;
  /** Counts by which the trial may end early, at any time. */
  watched(): WatchedCounts;
  /** Latencies so far of the messages that are due in this part of the window. */
  latenciesIn(part: PartOfWindow): MessageLatencies;
  /** Messages of the load so far. */
  totals(): PayloadTotals;
  /** The clients that were refused or dropped so far, with what is known about each. Looks at every message. */
  gone(): GoneClient[];
  /** What these strikes did to the clients of this process. Looks at every message. */
  faultReport(strikes: readonly Strike[]): WorkerFaultReport;
  /** What is missing of the messages to these clients, where clients of any worker are gone. */
  missing(gone: readonly Absence[]): MissingDeliveries;
  /** Closes every connection. Resolves when all have ended. */
  disconnect(): Promise<void>;
}
