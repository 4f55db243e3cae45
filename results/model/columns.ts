/**
 * Use of a column. `identity` tells rows apart and is never compared. Rows are paired when every `match` column is
 * equal. `outcome` says whether the row can be believed. `measured` is a result.
 */
export type ColumnUse = "identity" | "match" | "outcome" | "measured";

/** One column: type of its values in the CSV, meaning, and which way is better, where one is. */
interface Column {
  use: ColumnUse;
  type: "text" | "number";
  better?: "lower" | "higher";
  /**
   * Test of this column in a comparison: `primary` by statistics over repeats, `exact` by equality, `count` by its
   * mean, without statistics. A comparison shows columns without a test and never flags them.
   */
  decided?: "primary" | "exact" | "count";
  /** Value in files that are older than the column. */
  defaultBefore?: number | string;
  /** Name of the column in files of older versions. Such a file is read as if it had the present name. */
  formerly?: string;
  meaning: string;
}

/** Every column, in the order of the CSV. Names end in their unit. A value that was not measured is empty, never 0. */
export const columns = {
  run_id: { use: "identity", type: "text", meaning: "Run that the row belongs to." },
  started_at: { use: "identity", type: "text", meaning: "Start of the trial, UTC." },
  repeat: { use: "identity", type: "number", meaning: "Number of the repeat in this run, from 1." },
  build: {
    use: "identity",
    type: "text",
    meaning: "Version of the project: its git commit, with a + when files had changed since.",
  },

  scenario: { use: "match", type: "text", meaning: "Name of the scenario." },
  transport: { use: "match", type: "text", meaning: "Name of the transport." },
  clients: {
    use: "match",
    type: "number",
    meaning:
      "Virtual clients, over all workers. With one connection per message: the most that may be connected at once.",
  },
  rooms: { use: "match", type: "number", meaning: "Rooms that the clients are spread over." },
  senders: { use: "match", type: "number", meaning: "Clients that send." },
  payload_bytes: { use: "match", type: "number", meaning: "Size of one message." },
  payload_kind: { use: "match", type: "text", meaning: "text or binary." },
  offered_per_s: {
    use: "match",
    type: "number",
    meaning: "Messages offered per second, over all senders, the server included.",
  },
  duration_s: { use: "match", type: "number", meaning: "Length of the window, T0 to T1." },
  extra_header_bytes: {
    use: "match",
    type: "number",
    meaning: "Header bytes added to each HTTP request of a polling client, as a browser would.",
  },
  network: {
    use: "match",
    type: "text",
    meaning:
      "Conditions of --network between each client and the servers: round-trip time, jitter, loss, rate down/up, queue, congestion control. Or loopback, also where --start starts a server there; agents if it is the network between agents; or the host of a --target.",
  },
  network_by: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning:
      "What makes these conditions: netem (the kernel), tun (an emulator process) or proxy (a TCP proxy); none on loopback and at a target.",
  },
  through: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning: "Reverse proxy of --through between clients and servers, such as nginx; none without one.",
  },
  hosts: {
    use: "match",
    type: "number",
    defaultBefore: 1,
    meaning: "Machines of the trial: 1, or the number of --agents.",
  },
  client: { use: "match", type: "text", meaning: "Library of the client half." },
  server_processes: {
    use: "match",
    type: "number",
    defaultBefore: 1,
    meaning:
      "Server processes; each hosts its own rooms. Server columns cover all of them. Empty with --target, and 1 with --start.",
  },
  traffic_pattern: {
    use: "match",
    type: "text",
    formerly: "pattern",
    defaultBefore: "plain",
    meaning:
      "Who sends and receives, and when messages are due. plain: clients send to their rooms, at uniformly drawn times.",
  },
  fault: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning: "What --fault broke: kind, length, share of the clients, and time after T0; none without one.",
  },
  reconnect: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning:
      "With a fault: the shortest and the longest time after which a client whose connection broke connects again, or library where its library decides. none without one.",
  },
  heartbeat: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning: "With a fault: time between heartbeats, such as 25s. none without one.",
  },
  history: {
    use: "match",
    type: "text",
    defaultBefore: "none",
    meaning:
      "What the application keeps for clients that come back, such as 500 messages a room. none where it keeps nothing.",
  },

  status: { use: "outcome", type: "text", meaning: "valid, suspect, invalid or failed." },
  rules: {
    use: "outcome",
    type: "text",
    defaultBefore: "",
    meaning: "Ids of the validity rules that apply, separated by spaces.",
  },
  reasons: { use: "outcome", type: "text", meaning: "A sentence for each of these rules: the cause and what to do." },
  error: { use: "outcome", type: "text", meaning: "Why a trial failed. A failed row has no numbers." },

  connect_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time until a connection is ready, median. With one connection per message: of the connections in the window.",
  },
  connect_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  connects_per_s: { use: "measured", type: "number", better: "higher", meaning: "Connections opened per second." },
  connect_bytes_in: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning: "Bytes that a client sends until its connection is ready (TCP payload).",
  },
  connect_bytes_out: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning: "Bytes that a client receives until then.",
  },

  warmup_s: {
    use: "measured",
    type: "number",
    meaning: "Load before T0, until the servers' CPU per delivery was stable.",
  },

  sent: {
    use: "measured",
    type: "number",
    meaning:
      "Messages of the window that were sent, also those to a connection that ended between the due time and the send. With one connection per message: sessions that were started.",
  },
  expected: {
    use: "measured",
    type: "number",
    meaning:
      "Deliveries that these messages should cause: one per unpaused client in the sender's room that is connected when the message is due, or one where the server is the receiver.",
  },
  delivered: { use: "measured", type: "number", meaning: "Distinct correct deliveries of these messages." },
  lost: { use: "measured", type: "number", better: "lower", decided: "count", meaning: "expected - delivered." },
  duplicated: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning: "Deliveries beyond the first.",
  },
  reordered: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning: "Deliveries after a later message of the same sender.",
  },
  corrupted: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning: "Deliveries whose payload differs from what was sent.",
  },
  unexpected: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning: "Deliveries that the schedule does not have for this client.",
  },
  clients_refused: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    defaultBefore: 0,
    meaning:
      "Clients that were not let in. 0 with one connection per message, whose failures have a rule of their own.",
  },
  clients_dropped: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    defaultBefore: 0,
    meaning:
      "Clients whose connection ended before its time. What was due at them before and did not come is lost; nothing is expected at them afterwards.",
  },
  paused_expected: {
    use: "measured",
    type: "number",
    formerly: "slow_expected",
    meaning: "Deliveries that these messages should cause to paused clients. No other column counts them.",
  },
  paused_delivered: {
    use: "measured",
    type: "number",
    formerly: "slow_delivered",
    better: "higher",
    meaning: "Distinct correct deliveries to paused clients, however late.",
  },
  paused_dropped: {
    use: "measured",
    type: "number",
    formerly: "slow_dropped",
    better: "lower",
    meaning: "Paused clients that the server disconnected because too much waited for them.",
  },

  affected: {
    use: "measured",
    type: "number",
    meaning:
      "Clients that the fault met. A client that a recurring fault met twice counts twice, here and in the next columns.",
  },
  noticed: {
    use: "measured",
    type: "number",
    meaning: "Of these, the ones that knew before the end of the trial that their connection was lost.",
  },
  detect_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time from the fault until the client knew, median over the noticed.",
  },
  detect_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  server_detect_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time from the fault until the server's application lost the connection, median over the affected. Empty where it lost fewer than half.",
  },
  back_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time from the end of the fault until the client was in its room again, median over the noticed. Negative before that end.",
  },
  back_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  gave_up: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning:
      "Affected clients that were not back when the trial ended: they noticed and could not come back, or noticed nothing and heard nothing more.",
  },
  live_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time from the end of the fault until the first message that was due after it, median over the affected.",
  },
  live_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  caught_up_p50_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time from the end of the fault until the client had the last message that was due before it was back, of those that came, median over the affected.",
  },
  caught_up_p99_ms: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  missed: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "count",
    meaning:
      "Deliveries to affected clients that never came, of messages due from the fault until the client was back. Part of lost.",
  },
  missed_percent: { use: "measured", type: "number", better: "lower", meaning: "Share of these messages." },
  replayed: {
    use: "measured",
    type: "number",
    meaning: "Messages due before the client was back that came on its new connection.",
  },
  unsaid: {
    use: "measured",
    type: "number",
    meaning:
      "Messages due at a client without a connection. It sends them when it is back; their latency counts from the due time.",
  },
  storm_per_s: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Most connections that the servers accepted in a tenth of a second after the fault, times ten.",
  },
  server_cpu_peak_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Largest CPU of the servers in a second after the fault began, in percent of one core.",
  },
  bystanders_p99_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "99th percentile of the latency of the other clients, from the fault until 5 s after it.",
  },
  recovery_bytes: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes of the servers from the fault to T1 beyond those that so many deliveries took before it.",
  },
  fault_late_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Most by which the fault was complete after its time.",
  },
  deliveries_per_s: {
    use: "measured",
    type: "number",
    better: "higher",
    decided: "primary",
    meaning: "First deliveries of any message per second of the window.",
  },
  bottleneck: {
    use: "measured",
    type: "text",
    formerly: "limited_by",
    meaning: "Process at its limit: server, workers, machine or nothing.",
  },

  latency_min_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time from the due time of a message to its receiver, smallest. With one connection per message: to the answer, connecting included.",
  },
  latency_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning: "Median latency over all deliveries.",
  },
  latency_p90_us: { use: "measured", type: "number", better: "lower", meaning: "90th percentile of the latency." },
  latency_p99_us: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning: "99th percentile of the latency.",
  },
  latency_p999_us: { use: "measured", type: "number", better: "lower", meaning: "99.9th percentile of the latency." },
  latency_max_us: { use: "measured", type: "number", better: "lower", meaning: "Largest latency." },
  latency_mean_us: { use: "measured", type: "number", better: "lower", meaning: "Mean latency." },
  fanout_p50_us: {
    use: "measured",
    type: "number",
    formerly: "last_receiver_p50_us",
    better: "lower",
    meaning: "Time until the last receiver of a message has it, median over messages.",
  },

  service_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Time from the actual send to the receiver, median.",
  },
  service_p99_us: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that time." },
  send_lag_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Delay of sends, or of session starts, after their due time, median.",
  },
  send_lag_p99_us: { use: "measured", type: "number", better: "lower", meaning: "99th percentile of that delay." },
  observers_p50_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Median latency of senders and observers in the sender worker.",
  },
  receivers_p50_us: {
    use: "measured",
    type: "number",
    formerly: "crowd_p50_us",
    better: "lower",
    meaning: "Median latency of receivers in the other workers.",
  },
  clock: {
    use: "measured",
    type: "text",
    meaning:
      "Clocks behind the latencies. host: one monotonic clock for all processes. 3 agents: those of so many hosts, all compared with one reference clock. 5 pages: those of so many pages of a browser, compared with that of their worker.",
  },
  clock_error_us: {
    use: "measured",
    type: "number",
    better: "lower",
    defaultBefore: 0,
    meaning:
      "Most by which a time from one host to another is wrong: half a round trip to the reference clock and the largest residual, of both hosts, and what their clocks changed by within the window. For pages of a browser: the largest distance between the offset that was used and the bounds of 20 or more looks at the clock of a page, before T0 and after T1. 0 where all processes have one clock. Empty if it is not known.",
  },
  latency_of: {
    use: "measured",
    type: "text",
    defaultBefore: "all",
    meaning:
      "Deliveries that the latencies are of. all: every one, which needs a clock_error_us of at most 100 us or a tenth of the observers' median, or an echo, whose sender is its receiver, unless pages receive it. one host: those from the senders to the senders and observers of the sender worker, which has one clock; fanout_p50_us and receivers_p50_us are then empty. Empty if no latency is exact enough.",
  },

  bytes_counted_at: {
    use: "measured",
    type: "text",
    meaning:
      "Where bytes and payloads were counted. server: at its sockets. clients: at theirs, below TLS, because the server cannot count: a --target, or a program in another language. Empty if nobody could.",
  },
  wire_bytes_in: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes from clients, T0 to T1 (TCP payload, which is the same at both ends).",
  },
  wire_bytes_out: { use: "measured", type: "number", better: "lower", meaning: "Bytes to clients, likewise." },
  payload_bytes_in: { use: "measured", type: "number", meaning: "Bytes of messages among wire_bytes_in." },
  payload_bytes_out: {
    use: "measured",
    type: "number",
    meaning:
      "Payload bytes sent to clients, including bytes still queued for a client that was disconnected. Counted at the clients: those that they received.",
  },
  overhead_bytes_per_send: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning:
      "Bytes beside the payload, both directions, on sockets that carry sends, per message sent. Empty where these sockets carry polls too. With one connection per message: all bytes of a session. Counted at the clients: from before the first message of the warm-up to after the last message.",
  },
  overhead_bytes_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "exact",
    meaning:
      "Bytes beside the payload on sockets that carry deliveries, per delivery. Includes empty polls, and over HTTP/2, where one socket carries both, the sends. Empty where the server disconnected a client. Counted at the clients of a transport that does not poll: over the same time as overhead_bytes_per_send.",
  },
  polls_answered: {
    use: "measured",
    type: "number",
    formerly: "exchanges",
    better: "lower",
    meaning: "HTTP polls that were answered.",
  },
  deliveries_per_poll: {
    use: "measured",
    type: "number",
    formerly: "deliveries_per_exchange",
    better: "higher",
    meaning: "Deliveries per answered poll, at this rate.",
  },
  empty_poll_bytes_per_delivery: {
    use: "measured",
    type: "number",
    formerly: "empty_bytes_per_delivery",
    better: "lower",
    meaning:
      "Bytes of empty polls, both directions, per delivery, at this rate. A part of the overhead. Known to a server only.",
  },
  tcp_segments_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "TCP segments, both directions, with acknowledgements, per delivery. Linux with a network namespace only.",
  },
  tcp_ip_bytes_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes of TCP and IP headers, both directions, per delivery. Empty after a retransmission.",
  },
  tcp_retransmissions: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "TCP segments that were retransmitted.",
  },
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
    meaning:
      "Bytes, both directions, per client and second without messages, at the transport's own heartbeat or poll period.",
  },

  network_rtt_us: {
    use: "measured",
    type: "number",
    meaning:
      "Round-trip time through the empty network before the first client: median of 20 probes: datagrams, or 4 bytes each on a TCP connection by proxy.",
  },
  network_lost_percent: {
    use: "measured",
    type: "number",
    meaning:
      "Packets that the network lost by chance, of those that it was given, both ways, in the whole trial. Empty by proxy.",
  },
  network_dropped: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Packets that found the queue in front of a client's rate full, both ways, in the whole trial. Empty by proxy.",
  },
  network_late_us: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "Time by which the emulator or proxy let packets go too late in the window, 99th percentile. Empty with netem.",
  },

  proxy_version: {
    use: "measured",
    type: "text",
    meaning: "Version of the program that is the proxy. Empty without one.",
  },
  client_wire_bytes_in: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning:
      "With a proxy: bytes from clients to it, T0 to T1, below TLS. wire_bytes_in are those from it to the servers. Empty where a client library hides its socket.",
  },
  client_wire_bytes_out: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Bytes from the proxy to clients, likewise.",
  },
  proxy_cpu_us_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning: "CPU time of the proxy per delivery.",
  },
  proxy_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of the proxy, all its processes, in percent of one core.",
  },
  proxy_rss_mib: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Resident memory of the proxy at T1. What its processes share counts for each.",
  },

  server_cpu_us_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    decided: "primary",
    meaning:
      "CPU time of the servers per delivery to a client or to the server application. On loopback it includes the kernel's work for the receivers.",
  },
  server_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of the servers, in percent of one core.",
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
    formerly: "server_rss_rest_mib",
    better: "lower",
    meaning: "Resident memory of the servers before the first client.",
  },
  server_rss_kib_per_client: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Growth of that memory per client while clients joined: a slope.",
  },
  server_elu: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Event loop utilisation of the busiest server, 0 to 1.",
  },
  server_loop_delay_p99_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Delay of a timer in a server's event loop, 99th percentile, largest over servers.",
  },
  server_loop_delay_max_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Largest delay of such a timer.",
  },
  server_gc_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Garbage collection of the servers in the window.",
  },
  client_cpu_percent: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU of the busiest worker, in percent of one core.",
  },
  client_cpu_us_per_delivery: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "CPU time of all workers per delivery: the cost of the load generator.",
  },
  client_elu: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Event loop utilisation of the busiest worker. Spinning counts.",
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
    meaning: "Delay of a timer in a worker's event loop, 99th percentile, largest over workers.",
  },
  client_gc_ms: {
    use: "measured",
    type: "number",
    better: "lower",
    meaning: "Garbage collection in the window, largest over workers.",
  },
  cpu_wait_percent: {
    use: "measured",
    type: "number",
    formerly: "run_delay_percent",
    better: "lower",
    meaning: "Share of time in which a process of the trial was ready but had no CPU, largest over processes.",
  },
  other_cpu_percent: {
    use: "measured",
    type: "number",
    formerly: "foreign_cpu_percent",
    better: "lower",
    meaning: "CPU of everything else on the machine, in percent of one core.",
  },
  netdev_backlog_drops: {
    use: "measured",
    type: "number",
    formerly: "queue_drops",
    better: "lower",
    meaning:
      "Packets dropped because the packet queue of a CPU was full (net.core.netdev_max_backlog), on the machine, in the whole trial.",
  },
  worker_processes: {
    use: "measured",
    type: "number",
    meaning: "Worker processes, the sender worker included.",
  },

  latency_histogram: { use: "measured", type: "text", meaning: "Latencies: HdrHistogram V2, compressed, base64." },
} satisfies Record<string, Column>;

export type ColumnName = keyof typeof columns;

/** The columns of one use, in the order of the CSV. */
export function columnsFor(...uses: ColumnUse[]): ColumnName[] {
  return (Object.keys(columns) as ColumnName[]).filter((name) => uses.includes(columns[name].use));
}

/** Name of a column of measured numbers. */
export type MeasuredNumber = {
  [K in ColumnName]: (typeof columns)[K] extends { use: "measured"; type: "number" } ? K : never;
}[ColumnName];

/** The columns of measured numbers, in the order of the CSV. */
export const measuredNumbers = columnsFor("measured").filter(
  (name): name is MeasuredNumber => columns[name].type === "number",
);

/** One line of a result file. What is undefined is an empty cell. */
export type Row = Partial<{
  [K in ColumnName]: (typeof columns)[K]["type"] extends "number" ? number : string;
}>;
