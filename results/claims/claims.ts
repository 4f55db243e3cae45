import type { ColumnName, Row } from "../model/columns.ts";

/** Columns by which the trials of a claim are found; undefined ones are the scenario's own. */
export const identifyingColumns = [
  "scenario",
  "transport",
  "offered_per_s",
  "duration_s",
  "payload_bytes",
  "payload_kind",
] as const satisfies readonly ColumnName[];

/** Which trial counts for a claim: its transport, its scenario, and what of the scenario's numbers is changed. */
export type ClaimSide = { transport: string; scenario: string } & Pick<Row, (typeof identifyingColumns)[number]>;

/** A sentence that is told about transports, and the number of two trials whose ratio shows how true it is. */
export interface Claim {
  text: string;
  /** What costs more if it is true, and what it is set against. */
  expectedHigher: ClaimSide;
  expectedLower: ClaimSide;
  column: ColumnName;
  /** How the number is shown: its unit, how many of the column's units one of these is (default 1), and digits behind the point. */
  unit: string;
  per?: number;
  digits: number;
}

/** A message a second to each of 100: small, and rare. */
const sparse = {
  scenario: "chat-100",
  offered_per_s: 1,
  duration_s: 10,
  payload_bytes: 128,
  payload_kind: "text",
} as const;
/** Enough messages for a cost per delivery that is steady. */
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

const headers = { column: "overhead_bytes_per_delivery", unit: "B", digits: 1 } as const;
const empty = { column: "empty_poll_bytes_per_delivery", unit: "B", digits: 1 } as const;
const segments = { column: "tcp_segments_per_delivery", unit: "segments", digits: 1 } as const;
const mean = { column: "latency_mean_us", unit: "ms", per: 1000, digits: 2 } as const;
const median = { column: "latency_p50_us", unit: "ms", per: 1000, digits: 2 } as const;
const serverCpu = { column: "server_cpu_us_per_delivery", unit: "us", digits: 1 } as const;
const connecting = { column: "connect_p50_ms", unit: "ms", digits: 2 } as const;
const resting = { column: "idle_bytes_per_client_s", unit: "B/s", digits: 2 } as const;

/** The same trial on two transports. */
function between(
  expectedHigher: string,
  expectedLower: string,
  load: Omit<ClaimSide, "transport">,
): Pick<Claim, "expectedHigher" | "expectedLower"> {
  return {
    expectedHigher: { transport: expectedHigher, ...load },
    expectedLower: { transport: expectedLower, ...load },
  };
}

/** Two trials on the same transport. */
function on(
  transport: string,
  expectedHigher: Omit<ClaimSide, "transport">,
  expectedLower: Omit<ClaimSide, "transport">,
) {
  return { expectedHigher: { transport, ...expectedHigher }, expectedLower: { transport, ...expectedLower } };
}

/** What tutorials claim of transports, in the order in which they do. */
export const claims: readonly Claim[] = [
  {
    text: "Polling pays a request and a long header for every small message.",
    ...between("short-poll", "ws", sparse),
    ...headers,
  },
  { text: "Short polling mostly asks in vain.", ...between("short-poll", "long-poll", sparse), ...empty },
  {
    text: "Short polling is late: a message waits for the next ask.",
    ...between("short-poll", "long-poll", sparse),
    ...median,
  },
  {
    text: "Long polling still pays the headers of an ask for every message.",
    ...between("long-poll", "ws", sparse),
    ...headers,
  },
  {
    text: "Polling for what rarely changes costs more than being told.",
    ...between("short-poll", "ws", { scenario: "notify", duration_s: 10 }),
    ...headers,
  },
  {
    text: "A short connection pays a TCP handshake for every request.",
    ...between("short-poll-close", "short-poll", sparse),
    ...segments,
  },
  {
    text: "Short connections cost the server more.",
    ...between("short-poll-close", "short-poll", sparse),
    ...serverCpu,
  },
  {
    text: "Who connects for each thing to say waits for a handshake each time.",
    ...on("ws", { scenario: "connect-per-message", duration_s: 5 }, { scenario: "echo", duration_s: 5 }),
    ...median,
  },
  {
    text: "A long connection needs heartbeats.",
    ...between("ws", "tcp", idle),
    ...resting,
  },
  {
    text: "Heartbeats cost less than asking.",
    ...between("short-poll", "ws", idle),
    ...resting,
  },
  {
    text: "Half duplex is slower than full duplex: who wants to speak has to wait for its turn.",
    ...on("ws", { scenario: "half-duplex", duration_s: 10 }, { scenario: "full-duplex", duration_s: 10 }),
    ...mean,
  },
  { text: "Text is expectedHigher than binary, on WebSocket.", ...on("ws", text, binary), ...serverCpu },
  { text: "Text is expectedHigher than binary, on Socket.IO.", ...on("socket.io", text, binary), ...headers },
  { text: "Text is expectedHigher than binary, on polling.", ...on("long-poll", text, binary), ...headers },
  { text: "TLS adds bytes to every message.", ...between("ws+tls", "ws", busy), ...headers },
  { text: "TLS costs CPU.", ...between("ws+tls", "ws", busy), ...serverCpu },
  { text: "TLS makes connecting slower.", ...between("ws+tls", "ws", busy), ...connecting },
  { text: "Socket.IO wraps more around the same message.", ...between("socket.io", "ws", busy), ...headers },
  { text: "Socket.IO costs the server more.", ...between("socket.io", "ws", busy), ...serverCpu },
  { text: "A WebSocket frame is larger than a line of raw TCP.", ...between("ws", "tcp-lines", busy), ...headers },
];
