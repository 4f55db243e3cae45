import type { Row } from "../model/columns.ts";
import type { Traffic } from "../../scenarios/contract.ts";
import { encodeHistogram, type Histogram } from "../statistics/histogram.ts";
import type { RowKeys, ProcessLoad, Measurement } from "../model/measurement.ts";
import { evaluateRules } from "./validity-rules.ts";

/**
 * The row of a trial that ran to its end; `siblings` are the rows of its earlier repeats. Definitions of the numbers stand beside
 * their names in columns.ts.
 */
export function buildRow(keys: RowKeys, m: Measurement, siblings: readonly Row[] = []): Row {
  const numbers: Row = {
    ...keys,
    connect_p50_ms: percentile(m.connect, 50) / 1000,
    connect_p99_ms: percentile(m.connect, 99) / 1000,
    connects_per_s: round((m.visits ? m.connect.totalCount : keys.clients) / (m.connectingUs / 1e6), 1),
    ...connectBytes(m, m.visits?.scouts ?? keys.clients),
    ...(m.idle ? idleBytes(m, keys) : { warmup_s: round(m.warmupUs / 1e6, 1), ...accounts(m, keys) }),
    ...latencies(m),
    ...wire(m),
    ...kernel(m),
    ...costs(m),
  };
  const { status, reasons } = evaluateRules(numbers, m, siblings);
  return { ...numbers, status, reasons: reasons.join(" ") };
}

/** The row of a trial that broke: what it was and why, and no numbers. */
export function failedRow(keys: RowKeys, error: string): Row {
  return { ...keys, status: "failed", error };
}

function connectBytes({ connectBytes: bytes }: Measurement, clients: number): Row {
  return bytes
    ? { connect_bytes_in: round(bytes.in / clients, 1), connect_bytes_out: round(bytes.out / clients, 1) }
    : {};
}

/** Bytes per whole cycle, spread over the period that a cycle has when nothing shortens it. */
function idleBytes({ idle, traffic }: Measurement, { clients }: RowKeys): Row {
  if (!idle?.quiet || !traffic) return {};
  const { up, down, duplex } = traffic.wire;
  const bytes = up.in + up.out + down.in + down.out + duplex.in + duplex.out;
  return { idle_bytes_per_client_s: round(bytes / idle.cycles / (idle.periodMs / 1000) / clients, 3) };
}

function accounts(m: Measurement, keys: RowKeys): Row {
  const limit = limitedBy(m);
  return {
    sent: m.sent,
    expected: m.expected,
    delivered: m.delivered,
    lost: m.expected - m.delivered,
    duplicated: m.duplicated,
    reordered: m.reordered,
    corrupted: m.corrupted,
    unexpected: m.unexpected,
    ...(m.slow && {
      paused_expected: m.slow.expected,
      paused_delivered: m.slow.delivered,
      paused_dropped: m.slow.dropped,
    }),
    deliveries_per_s: round(m.windowDeliveries / keys.duration_s, 1),
    ...(limit !== undefined && { bottleneck: limit }),
  };
}

/** Distinct messages that must have reached a percentile before it is more than the luck of a few. */
export const minMessagesPerPercentile = 10;

function latencies({ latency, service, sendLag, slowestUs, apart }: Measurement): Row {
  const lag = sendLag.totalCount > 0 && {
    send_lag_p50_us: percentile(sendLag, 50),
    send_lag_p99_us: percentile(sendLag, 99),
  };
  if (latency.totalCount === 0) return { ...lag };
  /** HDR values are the upper end of their bucket, at most 0.1 % above what was recorded. */
  const rests = (valueUs: number): boolean => atLeast(slowestUs, valueUs * 0.999) >= minMessagesPerPercentile;
  const trusted = (name: string, percent: number): Row => {
    const valueUs = percentile(latency, percent);
    return rests(valueUs) ? { [name]: valueUs } : {};
  };
  return {
    latency_min_us: percentile(latency, 0),
    ...trusted("latency_p50_us", 50),
    ...trusted("latency_p90_us", 90),
    ...trusted("latency_p99_us", 99),
    ...trusted("latency_p999_us", 99.9),
    latency_max_us: percentile(latency, 100),
    latency_mean_us: round(latency.mean, 1),
    fanout_p50_us: Math.round(slowestUs[Math.floor(slowestUs.length / 2)]!),
    service_p50_us: percentile(service, 50),
    service_p99_us: percentile(service, 99),
    ...lag,
    ...(apart && { observers_p50_us: apart.observersP50Us, receivers_p50_us: apart.crowdP50Us }),
    clock: "host",
    latency_histogram: encodeHistogram(latency),
  };
}

/** How many of these ascending numbers are at least `value`. */
function atLeast(ascending: Float32Array, value: number): number {
  const first = ascending.findIndex((each) => each >= value);
  return first < 0 ? 0 : ascending.length - first;
}

function wire({ traffic, visits, slow }: Measurement): Row {
  if (!traffic) return {};
  const { up, down, duplex } = traffic.wire;
  return {
    wire_bytes_in: up.in + down.in + duplex.in,
    wire_bytes_out: up.out + down.out + duplex.out,
    payload_bytes_in: traffic.payloadBytesIn,
    payload_bytes_out: traffic.payloadBytesOut,
    ...(traffic.pollsAnswered > 0 && { polls_answered: traffic.pollsAnswered }),
    ...overheads(visits ? visits.traffic : traffic, (slow?.dropped ?? 0) > 0),
  };
}

/** What waits for a client that is dropped counts as handed over and is never sent: then nothing can be said of deliveries. */
function overheads(traffic: Traffic | undefined, dropped: boolean): Row {
  if (!traffic) return {};
  const { up, down, duplex } = traffic.wire;
  const { payloadsIn, payloadBytesIn, payloadsOut, payloadBytesOut, pollsAnswered, emptyPollBytes } = traffic;
  // Asks that are on the connection of the sends: what was sent cannot be told from what was asked, so it all counts for what came of it.
  const shared = pollsAnswered > 0 && down.in === 0;
  const carryingSends = up.in + up.out + duplex.in;
  const carryingDeliveries = down.in + down.out + duplex.out + (shared ? duplex.in - payloadBytesIn : 0);
  return {
    ...(payloadsIn > 0 &&
      !shared && { overhead_bytes_per_send: round((carryingSends - payloadBytesIn) / payloadsIn, 2) }),
    ...(payloadsOut > 0 &&
      !dropped && {
        overhead_bytes_per_delivery: round((carryingDeliveries - payloadBytesOut) / payloadsOut, 2),
      }),
    ...(pollsAnswered > 0 && { deliveries_per_poll: round(payloadsOut / pollsAnswered, 3) }),
    ...(pollsAnswered > 0 &&
      payloadsOut > 0 &&
      !shared && { empty_poll_bytes_per_delivery: round(emptyPollBytes / payloadsOut, 2) }),
  };
}

/** Messages that reached a receiver, the hub among them where it is one. */
function deliveries({ traffic, heard }: Measurement): number {
  return (traffic?.payloadsOut ?? 0) + heard;
}

function kernel(m: Measurement): Row {
  const { packets, traffic, listenOverflows } = m;
  const overflows = listenOverflows === undefined ? {} : { listen_overflows: listenOverflows };
  // Where no TCP segment was sent, what was carried did not lie on TCP.
  if (!packets || packets.segments === 0 || !traffic || deliveries(m) === 0) return overflows;
  const { up, down, duplex } = traffic.wire;
  const carried = up.in + up.out + down.in + down.out + duplex.in + duplex.out;
  return {
    ...overflows,
    tcp_segments_per_delivery: round(packets.segments / deliveries(m), 3),
    ...(packets.retransmissions === 0 && {
      tcp_ip_bytes_per_delivery: round((packets.octets - carried) / deliveries(m), 2),
    }),
    tcp_retransmissions: packets.retransmissions,
  };
}

/** What the servers cost, where they are ours. */
function serverCosts(m: Measurement): Row {
  const { traffic, servers } = m;
  if (servers.length === 0) return {};
  const all = (of: (load: ProcessLoad) => number): number => sum(servers, of);
  const latest = (of: (load: ProcessLoad) => number): number => Math.max(...servers.map(of));
  const serversCpuUs = all(({ cpuUs }) => cpuUs);
  const delivered = traffic ? deliveries(m) : m.windowDeliveries;
  return known({
    ...(delivered > 0 && { server_cpu_us_per_delivery: round(serversCpuUs / delivered, 2) }),
    server_cpu_percent: round(
      all(({ cpuPercent }) => cpuPercent),
      1,
    ),
    server_rss_mib: round(all(({ rssBytes }) => rssBytes) / 2 ** 20, 1),
    ...(m.rssRestBytes !== undefined && { server_rss_baseline_mib: round(m.rssRestBytes / 2 ** 20, 1) }),
    ...(m.rssPerClientBytes !== undefined && { server_rss_kib_per_client: round(m.rssPerClientBytes / 2 ** 10, 1) }),
    server_elu: round(
      latest(({ elu }) => elu),
      3,
    ),
    server_loop_delay_p99_ms: round(latest(({ loopDelayP99Us }) => loopDelayP99Us) / 1000, 2),
    server_loop_delay_max_ms: round(latest(({ loopDelayMaxUs }) => loopDelayMaxUs) / 1000, 2),
    server_gc_ms: round(all(({ gcUs }) => gcUs) / 1000, 1),
  });
}

/** A row without what cannot be known, for which NaN stands. */
function known(cells: Row): Row {
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => !Number.isNaN(value)));
}

function costs(m: Measurement): Row {
  const { servers, workers, windowDeliveries } = m;
  const worst = (of: (load: ProcessLoad) => number): number => Math.max(...workers.map(of));
  const workersCpuUs = sum(workers, ({ cpuUs }) => cpuUs);
  const delays = [...servers, ...workers].map(({ cpuWaitPercent }) => cpuWaitPercent);
  return {
    ...serverCosts(m),
    client_cpu_percent: round(
      worst(({ cpuPercent }) => cpuPercent),
      1,
    ),
    ...(windowDeliveries > 0 && { client_cpu_us_per_delivery: round(workersCpuUs / windowDeliveries, 2) }),
    client_elu: round(
      worst(({ elu }) => elu),
      3,
    ),
    client_rss_mib: round(worst(({ rssBytes }) => rssBytes) / 2 ** 20, 1),
    client_loop_delay_p99_ms: round(worst(({ loopDelayP99Us }) => loopDelayP99Us) / 1000, 2),
    client_gc_ms: round(worst(({ gcUs }) => gcUs) / 1000, 1),
    ...(delays.every((delay) => delay !== undefined) && { cpu_wait_percent: round(Math.max(...delays), 1) }),
    ...(m.foreignCpuPercent !== undefined && { other_cpu_percent: round(m.foreignCpuPercent, 1) }),
    ...(m.queueDrops !== undefined && { netdev_backlog_drops: m.queueDrops }),
    worker_processes: workers.length + (m.slow ? 1 : 0),
  };
}

function sum(loads: readonly ProcessLoad[], of: (load: ProcessLoad) => number): number {
  return loads.reduce((total, load) => total + of(load), 0);
}

/** Share of a core, or of all cores, from which on a process or the machine counts as at its limit. */
const fullPercent = 90;

/** Of servers that are not ours nobody here knows whether they were at their limit. */
function limitedBy({ servers, workers, cores }: Measurement): string | undefined {
  const isFull = ({ cpuPercent }: ProcessLoad): boolean => cpuPercent >= fullPercent;
  if (servers.some(isFull)) return "server";
  if (workers.some(isFull)) return "workers";
  if (servers.length === 0) return undefined;
  const together = sum([...servers, ...workers], ({ cpuPercent }) => cpuPercent);
  return together >= fullPercent * cores ? "machine" : "nothing";
}

function percentile(values: Histogram, percent: number): number {
  return values.getValueAtPercentile(percent);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
