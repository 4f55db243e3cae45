import type { Row } from "./columns.ts";
import { encode, type Histogram } from "./histogram.ts";
import type { Keys, Measurement } from "./measurement.ts";
import { judge } from "./verdict.ts";

/** The row of a trial that ran to its end. Definitions of the numbers stand beside their names in columns.ts. */
export function row(keys: Keys, m: Measurement): Row {
  const numbers: Row = {
    ...keys,
    connect_p50_ms: percentile(m.connect, 50) / 1000,
    connect_p99_ms: percentile(m.connect, 99) / 1000,
    connects_per_s: round(keys.clients / (m.connectingUs / 1e6), 1),
    ...(m.connectBytes && {
      connect_bytes_in: round(m.connectBytes.in / keys.clients, 1),
      connect_bytes_out: round(m.connectBytes.out / keys.clients, 1),
    }),
    sent: m.sent,
    expected: m.expected,
    delivered: m.delivered,
    lost: m.expected - m.delivered,
    duplicated: m.duplicated,
    reordered: m.reordered,
    corrupted: m.corrupted,
    unexpected: m.unexpected,
    deliveries_per_s: round(m.windowDeliveries / keys.duration_s, 1),
    limited_by: limitedBy(m),
    ...latencies(m),
    ...bytes(m),
    ...costs(m),
  };
  const { status, reasons } = judge(numbers, m);
  return { ...numbers, status, reasons: reasons.join(" ") };
}

/** The row of a trial that broke: what it was and why, and no numbers. */
export function failedRow(keys: Keys, error: string): Row {
  return { ...keys, status: "failed", error };
}

function latencies({ latency, service, sendLag }: Measurement): Row {
  const lag = sendLag.totalCount > 0 && {
    send_lag_p50_us: percentile(sendLag, 50),
    send_lag_p99_us: percentile(sendLag, 99),
  };
  if (latency.totalCount === 0) return { ...lag };
  return {
    latency_min_us: percentile(latency, 0),
    latency_p50_us: percentile(latency, 50),
    latency_p90_us: percentile(latency, 90),
    latency_p99_us: percentile(latency, 99),
    latency_p999_us: percentile(latency, 99.9),
    latency_max_us: percentile(latency, 100),
    latency_mean_us: round(latency.mean, 1),
    service_p50_us: percentile(service, 50),
    service_p99_us: percentile(service, 99),
    ...lag,
    latency_histogram: encode(latency),
  };
}

function bytes({ traffic }: Measurement): Row {
  if (!traffic) return {};
  const { up, down, duplex } = traffic.wire;
  const { payloadsIn, payloadBytesIn, payloadsOut, payloadBytesOut, exchanges } = traffic;
  const carryingSends = up.in + up.out + duplex.in;
  const carryingDeliveries = down.in + down.out + duplex.out;
  return {
    wire_bytes_in: up.in + down.in + duplex.in,
    wire_bytes_out: up.out + down.out + duplex.out,
    payload_bytes_in: payloadBytesIn,
    payload_bytes_out: payloadBytesOut,
    ...(payloadsIn > 0 && { overhead_bytes_per_send: round((carryingSends - payloadBytesIn) / payloadsIn, 2) }),
    ...(payloadsOut > 0 && {
      overhead_bytes_per_delivery: round((carryingDeliveries - payloadBytesOut) / payloadsOut, 2),
    }),
    ...(exchanges > 0 && { exchanges, deliveries_per_exchange: round(payloadsOut / exchanges, 3) }),
  };
}

function costs({ traffic, server, workers, windowDeliveries }: Measurement): Row {
  const busiest = (of: "cpuPercent" | "elu"): number => Math.max(...workers.map((load) => load[of]));
  const workersCpuUs = workers.reduce((sum, { cpuUs }) => sum + cpuUs, 0);
  return {
    ...(traffic &&
      traffic.payloadsOut > 0 && { server_cpu_us_per_delivery: round(server.cpuUs / traffic.payloadsOut, 2) }),
    server_cpu_percent: round(server.cpuPercent, 1),
    server_rss_mib: round(server.rssBytes / 2 ** 20, 1),
    server_elu: round(server.elu, 3),
    client_cpu_percent: round(busiest("cpuPercent"), 1),
    ...(windowDeliveries > 0 && { client_cpu_us_per_delivery: round(workersCpuUs / windowDeliveries, 2) }),
    client_elu: round(busiest("elu"), 3),
  };
}

/** Share of a core, or of all cores, from which on a process or the machine counts as at its limit. */
const fullPercent = 90;

function limitedBy({ server, workers, cores }: Measurement): string {
  const together = [server, ...workers].reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  if (server.cpuPercent >= fullPercent) return "server";
  if (workers.some(({ cpuPercent }) => cpuPercent >= fullPercent)) return "workers";
  return together >= fullPercent * cores ? "machine" : "nothing";
}

/** HDR values are the upper end of their bucket: within 0.1 % of what was recorded. */
function percentile(values: Histogram, percent: number): number {
  return values.getValueAtPercentile(percent);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
