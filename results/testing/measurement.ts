import type { Traffic } from "../../scenarios/contract.ts";
import { createHistogram, type Histogram } from "../statistics/histogram.ts";
import type {
  ConnectMeasurement,
  DeliveryMeasurement,
  FaultMeasurement,
  GoneMeasurement,
  LatencyMeasurement,
  NetworkMeasurement,
  Measurement,
  ProcessLoad,
  ProxyMeasurement,
  RowKeys,
  ServerMeasurement,
  SliceCost,
  WireMeasurement,
} from "../model/measurement.ts";

/** Keys of an invented trial: 10 clients for 2 s. */
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
  network_by: "none",
  through: "none",
  hosts: 1,
  client: "ws",
  server_processes: 1,
  traffic_pattern: "plain",
  fault: "none",
  reconnect: "none",
  heartbeat: "none",
  history: "none",
};

/** A histogram with these values. */
export function recordedHistogram(...values: number[]): Histogram {
  const into = createHistogram();
  for (const value of values) into.recordValue(value);
  return into;
}

/** The values of a histogram of at most a hundred values, ascending. */
export function recordedValues(from: Histogram): number[] {
  return Array.from({ length: from.totalCount }, (_, i) =>
    from.getValueAtPercentile((100 * (i + 0.5)) / from.totalCount),
  );
}

/** A process that is mostly idle. */
export const idleProcess: ProcessLoad = {
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

/** Fields of a measurement that a test may change, without their groups. */
export type TestChanges = Partial<
  Omit<Measurement, "connect" | "servers" | "machine" | "gone"> &
    DeliveryMeasurement &
    LatencyMeasurement &
    WireMeasurement &
    Omit<ServerMeasurement, "loads"> &
    Measurement["machine"] & {
      connect: Partial<ConnectMeasurement>;
      servers: readonly ProcessLoad[];
      gone: Partial<GoneMeasurement>;
    }
>;

const latencies: LatencyMeasurement = {
  latencyUs: recordedHistogram(1_000),
  serviceUs: recordedHistogram(900),
  sendLagUs: recordedHistogram(100),
  largestUs: new Float32Array(10).fill(1_000),
  observerVsReceivers: undefined,
  serverSends: false,
  halfDuplex: false,
};

const deliveries: DeliveryMeasurement = {
  reliable: true,
  firstLost: undefined,
  planned: 10,
  sent: 10,
  expected: 100,
  delivered: 100,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  unexpected: 0,
  early: 0,
  mostEarlyUs: 0,
  windowDeliveries: 100,
  paused: undefined,
};

/** A fault that one client noticed and one did not. */
export const testFault: FaultMeasurement = {
  lateUs: 12_300,
  interruptions: [
    {
      client: 3,
      detectUs: 20_000,
      backUs: 1_500_000,
      gaveUp: false,
      liveUs: 1_510_000,
      caughtUpUs: 40_000,
      possible: 30,
      missed: 28,
      leastMissed: 27,
      replayed: 1,
    },
    {
      client: 5,
      detectUs: NaN,
      backUs: NaN,
      gaveUp: false,
      liveUs: 90_000,
      caughtUpUs: 60_000,
      possible: 10,
      missed: 0,
      leastMissed: 0,
      replayed: 0,
    },
  ],
  lostWithSenders: 0,
  serverDetectUs: [21_000],
  unsaid: 4,
  stormPerS: 120,
  serverCpuPeakPercent: 33.33,
  bystandersUs: recordedHistogram(2_000),
  recoveryBytes: 900,
  keepsHistory: false,
  generatorPeakPercent: 10,
};

/** No client is gone. */
export const nobodyGone: GoneMeasurement = {
  refused: new Map(),
  dropped: new Map(),
  droppedAtS: [],
  unknownSessions: 0,
  silence: undefined,
  lostDeliveries: 0,
};

const wire: WireMeasurement = {
  traffic: duplexTraffic,
  countedAt: "server",
  uncut: undefined,
  receivedByServer: 0,
  packets: { segments: 250, retransmissions: 0, octets: 25_400 },
  listenOverflows: 0,
  netdevBacklogDrops: 0,
};

/** Twenty slices of ten deliveries each, with this CPU time of servers and workers. */
export function slicesOf(
  cpuUs: (slice: number) => number,
  clientCpuUs: (slice: number) => number = () => 500,
): SliceCost[] {
  return Array.from({ length: 20 }, (_, slice) => ({
    cpuUs: cpuUs(slice),
    clientCpuUs: clientCpuUs(slice),
    deliveries: 10,
  }));
}

const serverMemory = {
  slices: slicesOf(() => 2_000),
  rssBaselineBytes: 60 * 2 ** 20,
  rssPerClientBytes: 10 * 2 ** 10,
  rssMiddleBytes: 64 * 2 ** 20,
};

/** A trial without a fault, and with these changes: 10 messages to 10 clients each, every delivery after 1 ms. */
export function testMeasurement(changes: TestChanges = {}): Measurement {
  const {
    servers = [idleProcess],
    workers = [idleProcess],
    warmupUs = 5_000_000,
    seconds = [],
    sessions,
    idle,
    clock,
    network,
    proxy,
    fault,
  } = changes;
  return {
    connect: {
      timesUs: recordedHistogram(1_000, 2_000, 3_000),
      spanUs: 500_000,
      bytes: { in: 2_000, out: 1_500 },
      ...changes.connect,
    },
    warmupUs,
    delivery: changed(deliveries, changes),
    latency: changed(latencies, changes),
    wire: changed(wire, changes),
    servers: { loads: servers, ...changed<Omit<ServerMeasurement, "loads">>(serverMemory, changes) },
    workers,
    machine: changed<Measurement["machine"]>({ otherCpuPercent: 2, cores: 4, hosts: undefined }, changes),
    seconds,
    gone: { ...nobodyGone, ...changes.gone },
    sessions,
    idle,
    clock,
    network,
    proxy,
    fault,
  };
}

/** A network of 80 ms that loses one packet in a hundred, as it was asked for. */
export const testNetwork: NetworkMeasurement = {
  conditions: { rttMs: 80, jitterMs: 0, lossShare: 0.01, queueMs: 100, congestionControl: "cubic" },
  by: "tun",
  rttUs: 80_600,
  packets: { offered: 10_000, lost: 103, dropped: 0, unkept: 0 },
  links: 10,
  lateP99Us: 200,
  cpuPercent: 12,
};

/** A proxy that took 1 % of a core. */
export const testProxy: ProxyMeasurement = {
  version: "1.22.1",
  cpuUs: 20_000,
  cpuPercent: 1,
  rssBytes: 12 * 2 ** 20,
  clientBytes: { in: 9_000, out: 40_000 },
};

/** A group with those of its fields that are changed. */
function changed<G extends object>(group: G, changes: object): G {
  const own = Object.entries(changes).filter(([name]) => Object.hasOwn(group, name));
  return { ...group, ...Object.fromEntries(own) };
}
