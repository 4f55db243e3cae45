import { transports } from "../../scenarios/transports.ts";
import { http1Formula } from "./http1-formula.ts";
import { webSocketFrameBytes, upgradeBytes } from "./frame-sizes.ts";
import { grpcFormula } from "./grpc-formula.ts";
import { http2Formula } from "./http2-formula.ts";
import { mqttFormula } from "./mqtt-formula.ts";
import { sseSizes, ndjsonSizes, pollingFormula, streamingFormula } from "./session-formula.ts";
import { recordLayouts } from "./tls-records.ts";
import { socketIoFormulas } from "./socket-io-formula.ts";
import { tlsFormula } from "./tls-formula.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";
import { withoutTlsSuffix } from "../../scenarios/transports/load-transport.ts";
import type { ByteContext, WireFormula } from "./formula.ts";

/** 2, 4 or 10 bytes a frame at P <= 125, <= 65,535 and above, and 4 more from a client, which masks (RFC 6455, sections 5.2, 5.3). */
const webSocket = {
  setUp: (place) => upgradeBytes("/", place),
  send: (payload) => duplex(webSocketFrameBytes(payload.length, true), 0),
  delivery: (payload) => duplex(0, webSocketFrameBytes(payload.length, false)),
  // An empty ping and an empty pong (RFC 6455, sections 5.5.2, 5.5.3).
  idle: { name: "heartbeat", cost: () => duplex(webSocketFrameBytes(0, true), webSocketFrameBytes(0, false)) },
} satisfies WireFormula;

/** A uint32 in front of each payload. Nothing is said at set-up, and keep-alive probes are the kernel's. */
const records = {
  setUp: () => duplex(0, 0),
  send: (payload) => duplex(4 + payload.length, 0),
  delivery: (payload) => duplex(0, 4 + payload.length),
} satisfies WireFormula;

/** LF, CR and backslash: each takes 2 bytes where a line is escaped. */
const escapedInLines = [0x0a, 0x0d, 0x5c];

/** A line is ended by an LF; one that a payload cannot be as it is begins with 2 bytes that say so. */
function lineBytes(payload: Buffer, text: boolean): number {
  const plain = text && !payload.includes("\n") && payload[0] !== 0x10 && payload.at(-1) !== 0x0d;
  const escapes = payload.reduce((sum, byte) => sum + (escapedInLines.includes(byte) ? 1 : 0), 0);
  return payload.length + 1 + (plain ? 0 : 2 + escapes);
}

const lines = {
  setUp: () => duplex(0, 0),
  send: (payload, text) => duplex(lineBytes(payload, text), 0),
  delivery: (payload, text) => duplex(0, lineBytes(payload, text)),
} satisfies WireFormula;

/** One byte in front of each payload in its datagram. A session takes a cookie of 8 bytes, and 4 of chance. */
const datagrams = {
  setUp: () => duplex(1 + 8 + (1 + 8 + 4), 1 + 8 + 1),
  send: (payload) => duplex(1 + payload.length, 0),
  delivery: (payload) => duplex(0, 1 + payload.length),
  idle: { name: "heartbeat", cost: () => duplex(1, 1) },
} satisfies WireFormula;

/**
 * What each transport must cost, and its variants where they have no line of their own. One that is not told of here is not proven to the
 * byte, which prove:bytes says.
 */
const formulas: Record<string, WireFormula | undefined> = {
  "short-poll": pollingFormula(http1Formula(pollsKeptMs), false),
  "long-poll": pollingFormula(http1Formula(pollsKeptMs), true),
  sse: streamingFormula(http1Formula(streamsKeptMs), sseSizes),
  "http-stream": streamingFormula(http1Formula(streamsKeptMs), ndjsonSizes),
  "h2-short-poll": { ...pollingFormula(http2Formula, false), remembers: true },
  "h2-long-poll": { ...pollingFormula(http2Formula, true), remembers: true },
  "h2-sse": { ...streamingFormula(http2Formula, sseSizes), remembers: true },
  ws: webSocket,
  "ws-deflate": undefined, // what compression makes of a message depends on all that were before it
  ...socketIoFormulas,
  tcp: records,
  "tcp-lines": lines,
  udp: datagrams,
  mqtt: mqttFormula(0),
  "mqtt-qos1": mqttFormula(1),
  grpc: grpcFormula,
};

/** How long a server keeps a connection without requests; 0 where it closes it after each. */
function pollsKeptMs({ options }: ByteContext): number {
  return options.transportOptions["closes"] ? 0 : options.pollIntervalMs + options.idleMs + 5_000;
}
function streamsKeptMs({ options }: ByteContext): number {
  return options.idleMs + 5_000;
}

/** Whether there is a formula for the transport of that name. */
export function hasFormula(name: string): boolean {
  return find(name) !== undefined;
}

/** The formula of that transport, or of the one that it is a variant of; throws where there is none. */
export function formulaOf(name: string): WireFormula {
  const formula = find(name);
  if (formula) return formula;
  throw new Error(
    `No formula says what "${name}" must cost on the wire: add one to formulas in scripts/wire-bytes/formulas.ts.`,
  );
}

function find(name: string): WireFormula | undefined {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) {
    const formula = find(plain);
    return formula && tlsFormula(formula, lineOf(plain, recordLayouts) ?? {});
  }
  return lineOf(name, formulas);
}

/** The line of that transport or, where it has none of its own, of the one that it is a variant of. */
function lineOf<T>(name: string, table: Record<string, T>): T | undefined {
  const { variantOf }: Partial<Transport> = (transports as Record<string, Transport>)[name] ?? {};
  const line = [name, variantOf ?? name].find((each) => Object.hasOwn(table, each));
  return line === undefined ? undefined : table[line];
}

function duplex(bytesIn: number, bytesOut: number) {
  return { duplex: { in: bytesIn, out: bytesOut } };
}
