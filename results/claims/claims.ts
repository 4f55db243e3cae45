import type { ColumnName, Row } from "../model/columns.ts";

/**
 * Columns that identify the trial of a claim. A column that a claim leaves out has the value of the scenario, except that
 * the network is then the loopback, nothing breaks, and the application keeps no history. The congestion control of a
 * network is that of the machine.
 */
export const identifyingColumns = [
  "scenario",
  "transport",
  "offered_per_s",
  "duration_s",
  "payload_bytes",
  "payload_kind",
  "network",
  "fault",
  "heartbeat",
  "history",
] as const satisfies readonly ColumnName[];

/** One trial of a claim: its transport, its scenario, and the numbers that differ from the scenario's own. */
export type ClaimSide = { transport: string; scenario: string } & Pick<Row, (typeof identifyingColumns)[number]>;

/** A common statement about transports, and the measured number of two trials that supports or contradicts it. */
export interface Claim {
  text: string;
  /** The trial with the higher number, if the claim is true. */
  expectedHigher: ClaimSide;
  /** The trial with the lower number, if the claim is true. */
  expectedLower: ClaimSide;
  column: ColumnName;
  /** The unit in which the number is shown. */
  unit: string;
  /** Units of the column in one shown unit: 1000 shows microseconds as milliseconds. Default 1. */
  per?: number;
  /** Digits after the decimal point. */
  digits: number;
}

/** One small message a second to each of 100 clients. */
const sparse = {
  scenario: "chat-100",
  offered_per_s: 1,
  duration_s: 10,
  payload_bytes: 128,
  payload_kind: "text",
} as const;
/** Enough messages for a steady cost per delivery. */
const busy = {
  scenario: "chat-100",
  offered_per_s: 50,
  duration_s: 5,
  payload_bytes: 128,
  payload_kind: "text",
} as const;
const text = { ...busy, payload_bytes: 1024 } as const;
const binary = { ...text, payload_kind: "binary" } as const;
const idle = { scenario: "idle-100" } as const;

const overhead = { column: "overhead_bytes_per_delivery", unit: "B", digits: 1 } as const;
const emptyPolls = { column: "empty_poll_bytes_per_delivery", unit: "B", digits: 1 } as const;
const segments = { column: "tcp_segments_per_delivery", unit: "segments", digits: 1 } as const;
const meanLatency = { column: "latency_mean_us", unit: "ms", per: 1000, digits: 2 } as const;
const medianLatency = { column: "latency_p50_us", unit: "ms", per: 1000, digits: 2 } as const;
const serverCpu = { column: "server_cpu_us_per_delivery", unit: "us", digits: 1 } as const;
const connectTime = { column: "connect_p50_ms", unit: "ms", digits: 2 } as const;
const idleBytes = { column: "idle_bytes_per_client_s", unit: "B/s", digits: 2 } as const;

/** The sides of a claim about two transports under the same load. */
function transports(
  expectedHigher: string,
  expectedLower: string,
  load: Omit<ClaimSide, "transport">,
): Pick<Claim, "expectedHigher" | "expectedLower"> {
  return {
    expectedHigher: { transport: expectedHigher, ...load },
    expectedLower: { transport: expectedLower, ...load },
  };
}

/** The sides of a claim about two loads on the same transport. */
function loads(
  transport: string,
  expectedHigher: Omit<ClaimSide, "transport">,
  expectedLower: Omit<ClaimSide, "transport">,
) {
  return { expectedHigher: { transport, ...expectedHigher }, expectedLower: { transport, ...expectedLower } };
}

/** Claims of tutorials about transports, in their usual order. */
export const claims: readonly Claim[] = [
  {
    text: "Polling sends a request and long headers for every small message.",
    ...transports("short-poll", "ws", sparse),
    ...overhead,
  },
  {
    text: "Most polls of short polling return no message.",
    ...transports("short-poll", "long-poll", sparse),
    ...emptyPolls,
  },
  {
    text: "Short polling adds latency: a message waits for the next poll.",
    ...transports("short-poll", "long-poll", sparse),
    ...medianLatency,
  },
  {
    text: "Long polling still sends the headers of a poll for every message.",
    ...transports("long-poll", "ws", sparse),
    ...overhead,
  },
  {
    text: "Polling for data that rarely changes costs more than a push.",
    ...transports("short-poll", "ws", { scenario: "notify", duration_s: 10 }),
    ...overhead,
  },
  {
    text: "Short connections need a TCP handshake for every request.",
    ...transports("short-poll-close", "short-poll", sparse),
    ...segments,
  },
  {
    text: "Short connections cost the server more CPU.",
    ...transports("short-poll-close", "short-poll", sparse),
    ...serverCpu,
  },
  {
    text: "A new connection for each message adds a handshake to its latency.",
    ...loads("ws", { scenario: "connect-per-message", duration_s: 5 }, { scenario: "echo", duration_s: 5 }),
    ...medianLatency,
  },
  {
    text: "A long connection needs heartbeats.",
    ...transports("ws", "tcp", idle),
    ...idleBytes,
  },
  {
    text: "Heartbeats cost fewer bytes than polls.",
    ...transports("short-poll", "ws", idle),
    ...idleBytes,
  },
  {
    text: "Half duplex is slower than full duplex: a sender waits for its slot.",
    ...loads("ws", { scenario: "half-duplex", duration_s: 10 }, { scenario: "full-duplex", duration_s: 10 }),
    ...meanLatency,
  },
  { text: "Text costs the server more CPU than binary, on WebSocket.", ...loads("ws", text, binary), ...serverCpu },
  { text: "Text has more overhead than binary, on Socket.IO.", ...loads("socket.io", text, binary), ...overhead },
  { text: "Text has more overhead than binary, on polling.", ...loads("long-poll", text, binary), ...overhead },
  { text: "TLS adds bytes to every message.", ...transports("ws+tls", "ws", busy), ...overhead },
  { text: "TLS costs CPU.", ...transports("ws+tls", "ws", busy), ...serverCpu },
  { text: "TLS makes connecting slower.", ...transports("ws+tls", "ws", busy), ...connectTime },
  { text: "Socket.IO has more overhead than WebSocket.", ...transports("socket.io", "ws", busy), ...overhead },
  { text: "Socket.IO costs the server more CPU than WebSocket.", ...transports("socket.io", "ws", busy), ...serverCpu },
  {
    text: "A WebSocket frame has more overhead than a line over raw TCP.",
    ...transports("ws", "tcp-lines", busy),
    ...overhead,
  },
];
