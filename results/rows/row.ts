import type { Traffic } from "../../scenarios/contract.ts";
import { bytesOfAllRoles } from "../../scenarios/lib/traffic-counters.ts";
import type { Row } from "../model/columns.ts";
import type { IdleMeasurement, Measurement, ProcessLoad, RowKeys, ServerMeasurement } from "../model/measurement.ts";
import { encodeHistogram, type Histogram } from "../statistics/histogram.ts";
import { countGone } from "./gone-text.ts";
import { evaluateRules } from "./validity-rules.ts";

/** Cells of a row. Undefined and NaN stand for "not known" and become empty cells. */
type Cells = { [K in keyof Row]: Row[K] | undefined };

/**
 * The row of a trial that ran to its end. `siblings` are the rows of its earlier repeats. Each number is defined beside
 * its name in columns.ts.
 */
export function buildRow(keys: RowKeys, m: Measurement, siblings: readonly Row[] = []): Row {
  const numbers = withoutUnknown({
    ...keys,
    ...connecting(m, keys),
    clients_refused: countGone(m.gone.refused),
    clients_dropped: countGone(m.gone.dropped),
    ...(m.idle ? idleBytes(m.idle, m, keys) : load(m, keys)),
    ...latencies(m),
    ...wireBytes(m),
    ...kernelCounters(m),
    ...networkCells(m),
    ...proxyCells(m),
    ...faultCells(m),
    ...serverLoads(m),
    ...workerLoads(m),
  });
  const { status, rules, reasons } = evaluateRules(numbers, m, siblings);
  return { ...numbers, status, rules: rules.join(" "), reasons: reasons.join(" ") };
}

/** The row of a trial that failed: its keys and why, and no numbers. */
export function failedRow(keys: RowKeys, error: string): Row {
  return { ...keys, status: "failed", error };
}

/** Id in the column `rules` of the row of a trial that --abort-on-threshold ended. */
const abortedRule = "aborted-on-threshold";

/** The row of a trial that ended because a threshold could hold no more: a failed row with a rule. */
export function abortedRow(keys: RowKeys, error: string): Row {
  return { ...failedRow(keys, error), rules: abortedRule };
}

/** True for such a row. */
export function isAborted({ status, rules }: Row): boolean {
  return status === "failed" && rules === abortedRule;
}

function withoutUnknown(cells: Cells): Row {
  const known = Object.entries(cells).filter(([, value]) => value !== undefined && !Number.isNaN(value));
  return Object.fromEntries(known);
}

/** The bytes of a client that was refused are not those of connecting. */
function connecting({ connect, sessions, gone }: Measurement, { clients }: RowKeys): Cells {
  const { timesUs, spanUs } = connect;
  const refused = countGone(gone.refused);
  const bytes = refused > 0 ? undefined : connect.bytes;
  const weighed = sessions?.firstSessions ?? clients;
  return {
    connect_p50_ms: percentile(timesUs, 50) / 1000,
    connect_p99_ms: percentile(timesUs, 99) / 1000,
    connects_per_s: round((sessions ? timesUs.totalCount : clients - refused) / (spanUs / 1e6), 1),
    connect_bytes_in: round(bytes && bytes.in / weighed, 1),
    connect_bytes_out: round(bytes && bytes.out / weighed, 1),
  };
}

/**
 * Bytes per whole cycle, spread over the period that a cycle has with the transport's own options. Empty where a client
 * was not there all the time.
 */
function idleBytes(idle: IdleMeasurement, { wire: { traffic }, gone }: Measurement, { clients }: RowKeys): Cells {
  if (!idle.aligned || !traffic || gone.refused.size + gone.dropped.size > 0) return {};
  const { in: bytesIn, out } = bytesOfAllRoles(traffic);
  return { idle_bytes_per_client_s: round((bytesIn + out) / idle.cycles / (idle.periodMs / 1000) / clients, 3) };
}

function load(m: Measurement, { duration_s }: RowKeys): Cells {
  const { sent, expected, delivered, duplicated, reordered, corrupted, unexpected, paused, windowDeliveries } =
    m.delivery;
  return {
    warmup_s: round(m.warmupUs / 1e6, 1),
    sent,
    expected,
    delivered,
    lost: expected - delivered,
    duplicated,
    reordered,
    corrupted,
    unexpected,
    paused_expected: paused?.expected,
    paused_delivered: paused?.delivered,
    paused_dropped: paused?.dropped,
    deliveries_per_s: round(windowDeliveries / duration_s, 1),
    bottleneck: bottleneck(m),
  };
}

/**
 * Distinct messages that must have reached a percentile. With fewer, the percentile is chance: its cell is empty, and
 * the curve of the report ends before it.
 */
export const minMessagesPerPercentile = 10;

function latencies({ latency, clock }: Measurement): Cells {
  const { latencyUs, serviceUs, sendLagUs, largestUs, observerVsReceivers } = latency;
  const sendLag = sendLagUs.totalCount > 0 && {
    send_lag_p50_us: percentile(sendLagUs, 50),
    send_lag_p99_us: percentile(sendLagUs, 99),
  };
  if (latencyUs.totalCount === 0) return { ...sendLag, ...(clock && clocks(clock)) };
  const trusted = (percent: number): number | undefined => {
    const valueUs = percentile(latencyUs, percent);
    // A value of an HDR histogram is the upper end of its bucket, at most 0.1 % above what was recorded.
    return countAtLeast(largestUs, valueUs * 0.999) >= minMessagesPerPercentile ? valueUs : undefined;
  };
  return {
    latency_min_us: percentile(latencyUs, 0),
    latency_p50_us: trusted(50),
    latency_p90_us: trusted(90),
    latency_p99_us: trusted(99),
    latency_p999_us: trusted(99.9),
    latency_max_us: percentile(latencyUs, 100),
    latency_mean_us: round(latencyUs.mean, 1),
    fanout_p50_us:
      clock?.latencyOf === "one host" ? undefined : Math.round(largestUs[Math.floor(largestUs.length / 2)]!),
    service_p50_us: percentile(serviceUs, 50),
    service_p99_us: percentile(serviceUs, 99),
    ...sendLag,
    observers_p50_us: observerVsReceivers?.observersP50Us,
    receivers_p50_us: observerVsReceivers?.receiversP50Us,
    ...clocks(clock),
    latency_histogram: encodeHistogram(latencyUs),
  };
}

/** Clocks of the latencies, and the deliveries that these are of. */
function clocks(clock: Measurement["clock"]): Cells {
  if (!clock) return { clock: "host", clock_error_us: 0, latency_of: "all" };
  const { hosts, pages, errorUs, latencyOf } = clock;
  const names = [...(pages && hosts === 1 ? [] : [`${hosts} agents`]), ...(pages ? [`${pages} pages`] : [])];
  return {
    clock: names.join(", "),
    clock_error_us: Number.isFinite(errorUs) ? Math.ceil(errorUs) : undefined,
    latency_of: latencyOf === "none" ? undefined : latencyOf,
  };
}

/** Number of these ascending numbers that are at least `value`. */
function countAtLeast(ascending: Float32Array, value: number): number {
  const first = ascending.findIndex((each) => each >= value);
  return first < 0 ? 0 : ascending.length - first;
}

function wireBytes(m: Measurement): Cells {
  const { traffic, countedAt } = m.wire;
  if (!traffic) return {};
  const bytes = bytesOfAllRoles(traffic);
  return {
    bytes_counted_at: countedAt,
    wire_bytes_in: bytes.in,
    wire_bytes_out: bytes.out,
    payload_bytes_in: traffic.payloadBytesIn,
    payload_bytes_out: traffic.payloadBytesOut,
    polls_answered: traffic.pollsAnswered > 0 ? traffic.pollsAnswered : undefined,
    ...overheads(traffic, m),
  };
}

/** Bytes beside the payload, of the window or, where that could cut in two what belongs together, of the whole load. */
function overheads(window: Traffic, { wire, sessions, gone, delivery: { paused } }: Measurement): Cells {
  const { uncut = window, countedAt } = wire;
  const polling = window.pollsAnswered > 0 || window.wire.down.in > 0;
  // Before and after the load, clients poll as well: these polls are not those of this rate.
  const { ofDeliveries, ...cells } = deliveryOverheads(polling && !sessions ? window : uncut);
  // A message that waits for a client when our server drops it counts as handed over and is never sent.
  const unsent = countedAt === "server" && (paused?.dropped ?? 0) + countGone(gone.dropped) > 0;
  // What a client sends after its connection has ended counts as sent, and does not leave.
  const kept = countGone(gone.dropped) + countGone(gone.refused) === 0;
  return {
    overhead_bytes_per_send: sharesPolls(window) || !kept ? undefined : sendOverhead(uncut),
    overhead_bytes_per_delivery: unsent ? undefined : ofDeliveries,
    ...cells,
  };
}

/**
 * True where polls share the connection of the sends, so that a send cannot be told from a poll: all bytes count for the
 * deliveries.
 */
function sharesPolls({ pollsAnswered, wire: { down } }: Traffic): boolean {
  return pollsAnswered > 0 && down.in === 0;
}

function sendOverhead({ wire: { up, duplex }, payloadsIn, payloadBytesIn }: Traffic): number | undefined {
  return quotient(up.in + up.out + duplex.in - payloadBytesIn, payloadsIn, 2);
}

function deliveryOverheads(traffic: Traffic) {
  const { wire, payloadBytesIn, payloadsOut, payloadBytesOut, pollsAnswered, emptyPollBytes } = traffic;
  const { down, duplex } = wire;
  const shared = sharesPolls(traffic);
  const bytes = down.in + down.out + duplex.out + (shared ? duplex.in - payloadBytesIn : 0) - payloadBytesOut;
  const polls = pollsAnswered > 0 ? pollsAnswered : undefined;
  return {
    ofDeliveries: quotient(bytes, payloadsOut, 2),
    deliveries_per_poll: polls && round(payloadsOut / polls, 3),
    empty_poll_bytes_per_delivery: polls && !shared ? quotient(emptyPollBytes, payloadsOut, 2) : undefined,
  };
}

/** Messages that reached a receiver. The server application counts where it is one. */
function deliveries({ traffic, receivedByServer }: Measurement["wire"]): number {
  return (traffic?.payloadsOut ?? 0) + receivedByServer;
}

function kernelCounters({ wire }: Measurement): Cells {
  const { packets, traffic, listenOverflows: listen_overflows, netdevBacklogDrops: netdev_backlog_drops } = wire;
  const overflows = { listen_overflows, netdev_backlog_drops };
  // Without a TCP segment the transport does not use TCP.
  if (!packets || packets.segments === 0 || !traffic || deliveries(wire) === 0) return overflows;
  const bytes = bytesOfAllRoles(traffic);
  const headers = packets.octets - bytes.in - bytes.out;
  return {
    ...overflows,
    tcp_segments_per_delivery: round(packets.segments / deliveries(wire), 3),
    tcp_ip_bytes_per_delivery: packets.retransmissions === 0 ? round(headers / deliveries(wire), 2) : undefined,
    tcp_retransmissions: packets.retransmissions,
  };
}

/** The network as it was. Empty without one. */
function networkCells({ network }: Measurement): Cells {
  if (!network) return {};
  const { packets, rttUs, lateP99Us } = network;
  return {
    network_rtt_us: Math.round(rttUs),
    network_lost_percent: packets && packets.offered > 0 ? round((100 * packets.lost) / packets.offered, 3) : undefined,
    network_dropped: packets?.dropped,
    network_late_us: lateP99Us,
  };
}

/** Costs of the proxy, and what passes between it and the clients. Empty without one. */
function proxyCells({ proxy, wire, delivery }: Measurement): Cells {
  if (!proxy) return {};
  const { version, cpuUs = NaN, cpuPercent, rssBytes, clientBytes } = proxy;
  const delivered = wire.traffic ? deliveries(wire) : delivery.windowDeliveries;
  return {
    proxy_version: version,
    client_wire_bytes_in: clientBytes?.in,
    client_wire_bytes_out: clientBytes?.out,
    proxy_cpu_us_per_delivery: quotient(cpuUs, delivered, 2),
    proxy_cpu_percent: round(cpuPercent, 1),
    proxy_rss_mib: round(rssBytes && mib(rssBytes), 1),
  };
}

/** What a fault did. Empty without one. */
function faultCells({ fault }: Measurement): Cells {
  if (!fault) return {};
  const { interruptions, serverDetectUs } = fault;
  const of = (name: "detectUs" | "backUs" | "liveUs" | "caughtUpUs"): number[] =>
    interruptions.map((each) => each[name]).filter((us) => !Number.isNaN(us));
  const total = (name: "missed" | "possible" | "replayed"): number =>
    interruptions.reduce((count, each) => count + each[name], 0);
  const [missed, possible] = [total("missed"), total("possible")];
  const [affected, noticed] = [interruptions.length, of("detectUs").length];
  return {
    affected,
    noticed,
    ...quantilesMs("detect", of("detectUs"), noticed),
    server_detect_p50_ms: quantileMs(serverDetectUs, 0.5, affected),
    ...quantilesMs("back", of("backUs"), noticed),
    gave_up: interruptions.filter(({ gaveUp }) => gaveUp).length,
    ...quantilesMs("live", of("liveUs"), affected),
    ...quantilesMs("caught_up", of("caughtUpUs"), of("caughtUpUs").length),
    missed,
    missed_percent: possible > 0 ? round((100 * missed) / possible, 2) : undefined,
    replayed: total("replayed"),
    unsaid: fault.unsaid,
    storm_per_s: fault.stormPerS,
    server_cpu_peak_percent: round(fault.serverCpuPeakPercent, 1),
    bystanders_p99_us: fault.bystandersUs.totalCount > 0 ? percentile(fault.bystandersUs, 99) : undefined,
    recovery_bytes: fault.recoveryBytes,
    fault_late_ms: round(fault.lateUs / 1000, 1),
  };
}

function quantilesMs(
  name: "detect" | "back" | "live" | "caught_up",
  valuesUs: readonly number[],
  clients: number,
): Cells {
  const sorted = valuesUs.toSorted((one, other) => one - other);
  return {
    [`${name}_p50_ms`]: quantileMs(sorted, 0.5, clients),
    [`${name}_p99_ms`]: quantileMs(sorted, 0.99, clients),
  };
}

/**
 * A quantile over so many clients, of whom these ascending numbers are known: the smallest that this share of them does
 * not exceed. For the others it never happened. Undefined where it is one of theirs.
 */
function quantileMs(ascendingUs: readonly number[], share: number, clients: number): number | undefined {
  const value = ascendingUs[Math.max(0, Math.ceil(share * clients) - 1)];
  return value === undefined ? undefined : round(value / 1000, 1);
}

/** Costs of the servers, where the harness started them. */
function serverLoads({ wire, delivery, servers }: Measurement): Cells {
  const { loads, rssBaselineBytes, rssPerClientBytes } = servers;
  if (loads.length === 0) return {};
  const all = (of: (each: ProcessLoad) => number): number => sum(loads, of);
  const largest = (of: (each: ProcessLoad) => number): number => Math.max(...loads.map(of));
  const cpuUs = all((each) => each.cpuUs);
  const delivered = wire.traffic ? deliveries(wire) : delivery.windowDeliveries;
  return {
    server_cpu_us_per_delivery: quotient(cpuUs, delivered, 2),
    server_cpu_percent: round(cpuPercentOf(loads), 1),
    server_rss_mib: round(mib(all(({ rssBytes }) => rssBytes)), 1),
    server_rss_baseline_mib: round(rssBaselineBytes && mib(rssBaselineBytes), 1),
    server_rss_kib_per_client: round(rssPerClientBytes && rssPerClientBytes / 2 ** 10, 1),
    server_elu: round(
      largest(({ elu }) => elu),
      3,
    ),
    server_loop_delay_p99_ms: round(largest(({ loopDelayP99Us }) => loopDelayP99Us) / 1000, 2),
    server_loop_delay_max_ms: round(largest(({ loopDelayMaxUs }) => loopDelayMaxUs) / 1000, 2),
    server_gc_ms: round(all(({ gcUs }) => gcUs) / 1000, 1),
  };
}

/** Costs of the load generator, and of everything else on the machine. */
function workerLoads({ workers, servers, delivery, machine }: Measurement): Cells {
  const largest = (of: (each: ProcessLoad) => number): number => Math.max(...workers.map(of));
  const waits = [...servers.loads, ...workers].map(({ cpuWaitPercent }) => cpuWaitPercent);
  return {
    client_cpu_percent: round(
      largest(({ cpuPercent }) => cpuPercent),
      1,
    ),
    client_cpu_us_per_delivery: quotient(
      sum(workers, (each) => each.cpuUs),
      delivery.windowDeliveries,
      2,
    ),
    client_elu: round(
      largest(({ elu }) => elu),
      3,
    ),
    client_rss_mib: round(mib(largest(({ rssBytes }) => rssBytes)), 1),
    client_loop_delay_p99_ms: round(largest(({ loopDelayP99Us }) => loopDelayP99Us) / 1000, 2),
    client_gc_ms: round(largest(({ gcUs }) => gcUs) / 1000, 1),
    cpu_wait_percent: waits.every((wait) => wait !== undefined) ? round(Math.max(...waits), 1) : undefined,
    other_cpu_percent: round(machine.otherCpuPercent, 1),
    worker_processes: workers.length + (delivery.paused ? 1 : 0),
  };
}

/** Share of a core, or of all cores, from which on a process or the machine counts as at its limit. */
const fullPercent = 90;

/** Undefined where the servers are not of the harness: whether they were at their limit is not known. */
function bottleneck({ servers, workers, machine }: Measurement): string | undefined {
  const isFull = ({ cpuPercent }: ProcessLoad): boolean => cpuPercent >= fullPercent;
  if (servers.loads.some(isFull)) return "server";
  if (workers.some(isFull)) return "workers";
  if (servers.loads.length === 0) return undefined;
  if (machine.hosts)
    return machine.hosts.some(({ cpuPercent, cores }) => cpuPercent >= fullPercent * cores) ? "machine" : "nothing";
  return cpuPercentOf([...servers.loads, ...workers]) >= fullPercent * machine.cores ? "machine" : "nothing";
}

function sum(loads: ServerMeasurement["loads"], of: (load: ProcessLoad) => number): number {
  return loads.reduce((total, each) => total + of(each), 0);
}

function cpuPercentOf(loads: readonly ProcessLoad[]): number {
  return sum(loads, ({ cpuPercent }) => cpuPercent);
}

function percentile(values: Histogram, percent: number): number {
  return values.getValueAtPercentile(percent);
}

function mib(bytes: number): number {
  return bytes / 2 ** 20;
}

/** Undefined where there is nothing to divide by. */
function quotient(value: number, by: number, digits: number): number | undefined {
  return by > 0 ? round(value / by, digits) : undefined;
}

function round<N extends number | undefined>(value: N, digits: number): N {
  return (value === undefined ? undefined : Number(value.toFixed(digits))) as N;
}
