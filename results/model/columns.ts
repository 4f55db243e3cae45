/**
 * What a column is for. `identity` tells rows apart and is never compared; rows are paired when every `match` column is equal;
 * `outcome` says whether to believe the row; `measured` is what the trial found.
 */
export type ColumnUse = "identity" | "match" | "outcome" | "measured";

/** One column: how its values are typed in the CSV, what it means, and which way is better where one is. */
interface Column {
  use: ColumnUse;
  type: "text" | "number";
  better?: "lower" | "higher";
  /** How a comparison decides: `primary` by statistics over repeats, `exact` by equality. Any other column is shown, never flagged. */
  decided?: "primary" | "exact";
  /** What it was in files that are older than the column. */
  defaultBefore?: number | string;
  meaning: string;
}

/** Every column, in the order of the CSV. Names end in their unit; a value that was not measured is empty, never 0. */
export const columns = {
  run_id: { use: "identity", type: "text", meaning: "The run that this row belongs to." },
  started_at: { use: "identity", type: "text", meaning: "When the trial began, UTC." },
  repeat: { use: "identity", type: "number", meaning: "Which repeat of the transport in this run, from 1." },
  build: {
    use: "identity",
    type: "text",
    meaning: "The version of the project that was measured: its git commit, with a + where files had changed since.",
  },

  scenario: { use: "match", type: "text", meaning: "The kind of conversation." },
  transport: { use: "match", type: "text", meaning: "How the messages travelled." },
  clients: {
    use: "match",
    type: "number",
    meaning: "Simulated clients, over all workers; where each message is a visit, the most that may be there at once.",
  },
  rooms: { use: "match", type: "number", meaning: "Rooms the clients were spread over." },
  senders: { use: "match", type: "number", meaning: "Clients that sent messages." },
  payload_bytes: { use: "match", type: "number", meaning: "Bytes of one message as the application sees it." },
  payload_kind: { use: "match", type: "text", meaning: "Text or binary." },
  offered_per_s: {
    use: "match",
    type: "number",
    meaning: "Messages due per second, over all senders, the hub among them.",
  },
  duration_s: { use: "match", type: "number", meaning: "Length of the measured window, T0 to T1." },
  extra_header_bytes: {
    use: "match",
    type: "number",
    meaning: "Bytes of headers added to each HTTP request of a polling client, as a browser would.",
  },
  network: {
    use: "match",
    type: "text",
    meaning: "What was between clients and server: loopback, or the host of a --target that was not ours.",
  },
  client: { use: "match", type: "text", meaning: "The library that played the clients." },
  server_processes: {
    use: "match",
    type: "number",
    defaultBefore: 1,
    meaning:
      "Processes that hosted the rooms, each its own: what server columns say is of all of them together. Empty for a --target.",
  },
  traffic_pattern: {
    use: "match",
    type: "text",
    defaultBefore: "plain",
    meaning:
      "Who speaks and hears, and how due times fall; plain where clients speak, at times drawn uniformly, to their rooms.",
  },

  status: { use: "outcome", type: "text", meaning: "valid, suspect, invalid or failed." },
  rules: {
    use: "outcome",
    type: "text",
    defaultBefore: "",
    meaning: "Ids of the validity rules that apply, separated by spaces.",
  },
  reasons: { use: "outcome", type: "text", meaning: "A sentence for each of these rules: the cause and what to do." },
  error: { use: "outcome", type: "text", meaning: "What went wrong in a failed trial, which has no numbers." },

  connect_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time until a client's link was ready, median; of visits, those that were due in the window.",
  },
  connect_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "The same, 99th percentile." },
  connects_per_s: { use: "measured", type: "number", better: "higher", meaning: "Links that were opened per second." },
  connect_bytes_in: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning: "Bytes a client sent until its link was ready (TCP payload).",
  },
  connect_bytes_out: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning: "Bytes it received until then.",
  },

  warmup_s: {
    use: "measured",
    type: "number",
    meaning: "Load before T0, until the server's cost per delivery was steady.",
  },

  sent: {
    use: "measured",
    type: "number",
    meaning: "Messages due in the window that were handed to a link; visits due in it that were begun.",
  },
  expected: {
    use: "measured",
    type: "number",
    meaning:
      "Deliveries these should cause: one per client in the sender's room that was not stopped, or one where the hub is the receiver.",
  },
  delivered: { use: "measured", type: "number", meaning: "Distinct correct deliveries of these messages." },
  lost: { use: "measured", type: "number", better: "lower", meaning: "expected - delivered." },
  duplicated: { use: "measured", type: "number", better: "lower", meaning: "Deliveries beyond the first." },
  reordered: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Deliveries after a later message of the same sender.",
  },
  corrupted: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Deliveries whose payload was not what was sent.",
  },
  unexpected: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Deliveries that nobody had planned for this client.",
  },
  paused_expected: {
    use: "measured",
    type: "number",
    meaning:
      "Deliveries that these should cause to clients that were stopped from T0 to T1; no other column counts them.",
  },
  paused_delivered: {
    use: "measured",
    type: "number",
    better: "higher",
    meaning: "Distinct correct deliveries of these, late as they were.",
  },
  paused_dropped: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Clients that were stopped and that the server dropped, as more waited for them than it keeps.",
  },

  deliveries_per_s: {
    use: "measured",
    type: "number",
    better: "higher",
    meaning: "First deliveries of any message in the window, per second.",
  },
  bottleneck: { use: "measured", type: "text", meaning: "What was at its limit: server, workers, machine or nothing." },

  latency_min_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "From a message's due time to its receiver, smallest; of visits to the answer, connecting included.",
  },
  latency_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning: "The same, median over all deliveries.",
  },
  latency_p90_us: { use: "measured", type: "number", better: "lower", meaning: "The same, 90th percentile." },
  latency_p99_us: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning: "The same, 99th percentile.",
  },
  latency_p999_us: { use: "measured", type: "number", better: "lower", meaning: "The same, 99.9th percentile." },
  latency_max_us: { use: "measured", type: "number", better: "lower", meaning: "The same, largest." },
  latency_mean_us: { use: "measured", type: "number", better: "lower", meaning: "The same, mean." },
  fanout_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Until the last receiver of a message had it, median over messages.",
  },

  service_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "From the actual hand-over to the link to the receiver, median.",
  },
  service_p99_us: { use: "measured", type: "number", better: "lower", meaning: "The same, 99th percentile." },
  send_lag_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "How late messages were handed over, or visits begun, median.",
  },
  send_lag_p99_us: { use: "measured", type: "number", better: "lower", meaning: "The same, 99th percentile." },
  observers_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "latency_p50_us of the senders and observers in the quiet worker.",
  },
  receivers_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "latency_p50_us of the crowd's workers.",
  },
  clock: {
    use: "measured",
    type: "text",
    meaning: "Which clocks the latencies were taken between: host is one monotonic clock for all processes.",
  },

  wire_bytes_in: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes on the server's sockets from clients, T0 to T1 (TCP payload).",
  },
  wire_bytes_out: { use: "measured", type: "number", better: "lower", meaning: "Bytes to clients." },
  payload_bytes_in: { use: "measured", type: "number", meaning: "Bytes of these that were messages from clients." },
  payload_bytes_out: {
    use: "measured",
    type: "number",
    meaning: "Bytes that were messages to clients, what waited for one that was dropped among them.",
  },
  overhead_bytes_per_send: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning:
      "Bytes that are not payload, both ways, on the sockets that carry sends, per message sent; empty where these carry asks too. Of visits, all that passes there from the first byte to the last.",
  },
  overhead_bytes_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning:
      "Bytes that are not payload on the sockets that carry deliveries, per delivery; empty polls included, and sends where they share a socket with polls. Of visits, all that passes there; empty where the server dropped a client.",
  },
  polls_answered: { use: "measured", type: "number", better: "lower", meaning: "HTTP asks that were answered." },
  deliveries_per_poll: {
    use: "measured",
    type: "number",
    better: "higher",
    meaning: "Deliveries per answered ask, at this rate.",
  },
  empty_poll_bytes_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes, both ways, of asks that brought nothing, per delivery, at this rate: a part of the overhead.",
  },
  tcp_segments_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "TCP segments, both ways, acknowledgements included, per delivery. Linux, own network namespace.",
  },
  tcp_ip_bytes_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes of TCP and IP headers, both ways, per delivery; empty where segments were sent again.",
  },
  tcp_retransmissions: { use: "measured", type: "number", better: "lower", meaning: "TCP segments sent again." },
  listen_overflows: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Connections that found the accept queue full.",
  },
  idle_bytes_per_client_s: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning: "Bytes, both ways, per client and second when nobody says anything, at the transport's own period.",
  },

  server_cpu_us_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning:
      "CPU time of the servers per delivery, to a client or to the hub; where they do not count those, per delivery that clients had; on loopback the receivers' kernel work is in it.",
  },
  server_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of the servers, of one core.",
  },
  server_rss_mib: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Resident memory of the servers at T1.",
  },
  server_rss_baseline_mib: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "The same before the first client.",
  },
  server_rss_kib_per_client: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "How it grew per client while they joined: a slope.",
  },
  server_elu: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Share of time the busiest server's event loop was busy, 0 to 1.",
  },
  server_loop_delay_p99_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "How late a server's event loop came round to a timer, 99th percentile, the latest server.",
  },
  server_loop_delay_max_ms: { use: "measured", type: "number", better: "lower", meaning: "The same, largest." },
  server_gc_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time the servers collected garbage in the window.",
  },
  client_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of the busiest worker, of one core.",
  },
  client_cpu_us_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU time of all workers per delivery: what the harness itself costs.",
  },
  client_elu: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Share of time the busiest worker's event loop was busy; spinning counts.",
  },
  client_rss_mib: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Resident memory of the largest worker at T1.",
  },
  client_loop_delay_p99_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "How late a worker's event loop came round to a timer, 99th percentile, the latest worker.",
  },
  client_gc_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time the worker that did so most collected garbage in the window.",
  },
  cpu_wait_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time that a process of the trial was ready and had no CPU, the worst of them.",
  },
  other_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of everything else on the machine, of one core.",
  },
  netdev_backlog_drops: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Packets lost as the kernel's queue of incoming ones was full (net.core.netdev_max_backlog), in the whole trial, on the machine.",
  },
  worker_processes: {
    use: "measured",
    type: "number",
    meaning: "Processes that played the clients, the quiet one included.",
  },

  latency_histogram: { use: "measured", type: "text", meaning: "The latencies: HdrHistogram V2, compressed, base64." },
} satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;

/** The columns of one use, in the order of the CSV. */
export function columnsFor(...uses: ColumnUse[]): ColumnName[] {
  return (Object.keys(columns) as ColumnName[]).filter((name) => uses.includes(columns[name].use));
}

/** One line of a result file. What is undefined is an empty cell. */
export type Row = Partial<{
  [K in ColumnName]: (typeof columns)[K]["type"] extends "number" ? number : string;
}>;
