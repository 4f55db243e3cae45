import type { Traffic } from "../../scenarios/contract.ts";
import { createHistogram, type Histogram } from "../statistics/histogram.ts";
import type { RowKeys, ProcessLoad, Measurement } from "../model/measurement.ts";

/** The keys of a trial that never was: 10 clients for 2 s. */
export const testKeys: RowKeys = {
  run_id: "2025-01-02T03-04-05Z",
  started_at: "2025-01-02T03:04:06.000Z",
  repeat: 1,
  build: "0123abc",
  scenario: "chat-100",
  transport: "ws",
  clients: 10,
  rooms: 1,
  senders: 2,
  payload_bytes: 100,
  payload_kind: "text",
  offered_per_s: 5,
  duration_s: 2,
  extra_header_bytes: 0,
  network: "loopback",
  client: "ws",
  server_processes: 1,
  traffic_pattern: "plain",
};

/** A histogram of these values. */
export function recordedHistogram(...values: number[]): Histogram {
  const into = createHistogram();
  for (const value of values) into.recordValue(value);
  return into;
}

/** A process that is mostly idle. */
export const idleMeasurement: ProcessLoad = {
  cpuUs: 200_000,
  cpuPercent: 10,
  elu: 0.1,
  rssBytes: 64 * 2 ** 20,
  gcUs: 3_000,
  loopDelayP99Us: 500,
  loopDelayMaxUs: 900,
  cpuWaitPercent: 1,
};

/** Window traffic of a transport with one duplex socket per client: 40 B of overhead per send, 10 B per delivery. */
export const duplexTraffic: Traffic = {
  wire: { up: { in: 0, out: 0 }, down: { in: 0, out: 0 }, duplex: { in: 1_400, out: 11_000 } },
  payloadsIn: 10,
  payloadBytesIn: 1_000,
  payloadsOut: 100,
  payloadBytesOut: 10_000,
  pollsAnswered: 0,
  emptyPollBytes: 0,
};

/** A trial without fault: 10 messages to 10 clients each, every delivery after 1 ms. */
export function testMeasurement(changes: Partial<Measurement> = {}): Measurement {
  return {
    connect: recordedHistogram(1_000, 2_000, 3_000),
    connectingUs: 500_000,
    hubSpeaks: false,
    turns: false,
    heard: 0,
    connectBytes: { in: 2_000, out: 1_500 },
    warmupUs: 5_000_000,
    idle: undefined,
    planned: 10,
    sent: 10,
    expected: 100,
    delivered: 100,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    unexpected: 0,
    early: 0,
    windowDeliveries: 100,
    latency: recordedHistogram(1_000),
    service: recordedHistogram(900),
    sendLag: recordedHistogram(100),
    slowestUs: new Float32Array(10).fill(1_000),
    apart: undefined,
    traffic: duplexTraffic,
    packets: { segments: 250, retransmissions: 0, octets: 25_400 },
    listenOverflows: 0,
    queueDrops: 0,
    servers: [idleMeasurement],
    halvesCpuUs: [2_000, 2_000],
    rssRestBytes: 60 * 2 ** 20,
    rssPerClientBytes: 10 * 2 ** 10,
    rssMiddleBytes: 64 * 2 ** 20,
    workers: [idleMeasurement],
    seconds: [],
    foreignCpuPercent: 2,
    cores: 4,
    ...changes,
  };
}
