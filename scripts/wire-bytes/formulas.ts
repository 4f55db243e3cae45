import { transports } from "../../scenarios/transports.ts";
import { http1Formula } from "./http1-formula.ts";
import { webSocketFrameBytes, upgradeCost } from "./frame-sizes.ts";
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

/**
 * WebSocket: 2, 4 or 10 header bytes per frame for P <= 125, P <= 65,535 and larger payloads. A client's frame has 4
 * more for the mask (RFC 6455, sections 5.2 and 5.3).
 */
const webSocketFormula = {
  setUp: (context) => upgradeCost("/", context),
  send: (payload) => duplex(webSocketFrameBytes(payload.length, true), 0),
  delivery: (payload) => duplex(0, webSocketFrameBytes(payload.length, false)),
  // An empty ping and an empty pong (RFC 6455, sections 5.5.2, 5.5.3).
  idle: { name: "heartbeat", cost: () => duplex(webSocketFrameBytes(0, true), webSocketFrameBytes(0, false)) },
} satisfies WireFormula;

/**
 * Raw TCP: a uint32 length in front of each payload. A set-up sends nothing, and keep-alive probes come from the
 * kernel.
 */
const recordsFormula = {
  setUp: () => duplex(0, 0),
  send: (payload) => duplex(4 + payload.length, 0),
  delivery: (payload) => duplex(0, 4 + payload.length),
} satisfies WireFormula;

/** LF, CR and backslash: each takes 2 bytes in an escaped line. */
const escapedInLines = [0x0a, 0x0d, 0x5c];

/**
 * Bytes of a line: the payload and an LF. A payload that cannot be a line is escaped, and 2 bytes in front mark that.
 */
function lineBytes(payload: Buffer, text: boolean): number {
  const plain = text && !payload.includes("\n") && payload[0] !== 0x10 && payload.at(-1) !== 0x0d;
  const escapes = payload.reduce((sum, byte) => sum + (escapedInLines.includes(byte) ? 1 : 0), 0);
  return payload.length + 1 + (plain ? 0 : 2 + escapes);
}

const linesFormula = {
  setUp: () => duplex(0, 0),
  send: (payload, text) => duplex(lineBytes(payload, text), 0),
  delivery: (payload, text) => duplex(0, lineBytes(payload, text)),
} satisfies WireFormula;

/**
 * UDP: one byte in front of each payload, one datagram each. Opening a session takes a cookie of 8 bytes and 4 random
 * bytes.
 */
const datagramsFormula = {
  setUp: () => duplex(1 + 8 + (1 + 8 + 4), 1 + 8 + 1),
  send: (payload) => duplex(1 + payload.length, 0),
  delivery: (payload) => duplex(0, 1 + payload.length),
  idle: { name: "heartbeat", cost: () => duplex(1, 1) },
} satisfies WireFormula;

/**
 * Formulas by transport. A variant that has no entry uses the entry of its original. A transport without a formula is
 * not proven, and prove:bytes lists it.
 */
const formulas: Record<string, WireFormula | undefined> = {
  "short-poll": pollingFormula(http1Formula(pollKeepAliveMs), false),
  "long-poll": pollingFormula(http1Formula(pollKeepAliveMs), true),
  sse: streamingFormula(http1Formula(streamKeepAliveMs), sseSizes),
  "http-stream": streamingFormula(http1Formula(streamKeepAliveMs), ndjsonSizes),
  "h2-short-poll": { ...pollingFormula(http2Formula, false), compressesHeaders: true },
  "h2-long-poll": { ...pollingFormula(http2Formula, true), compressesHeaders: true },
  "h2-sse": { ...streamingFormula(http2Formula, sseSizes), compressesHeaders: true },
  ws: webSocketFormula,
  // A browser adds headers of its own, which name its version.
  "short-poll-browser": undefined,
  "long-poll-browser": undefined,
  "sse-browser": undefined,
  "ws-browser": undefined,
  "socket.io-browser": undefined,
  "ws-deflate": undefined, // the compressed size of a message depends on all messages before it
  ...socketIoFormulas,
  tcp: recordsFormula,
  "tcp-lines": linesFormula,
  udp: datagramsFormula,
  mqtt: mqttFormula(0),
  "mqtt-qos1": mqttFormula(1),
  "mqtt-session": mqttFormula(1),
  grpc: grpcFormula,
};

/** Milliseconds for which a polling server keeps an idle connection. 0: it closes the connection after each request. */
function pollKeepAliveMs({ options }: ByteContext): number {
  return options.transportOptions["closes"] ? 0 : options.pollIntervalMs + options.idleMs + 5_000;
}

/** Milliseconds for which a streaming server keeps an idle connection. */
function streamKeepAliveMs({ options }: ByteContext): number {
  return options.idleMs + 5_000;
}

/** Tells whether the transport of this name, or its original, has a formula. */
export function hasFormula(name: string): boolean {
  return findFormula(name) !== undefined;
}

/** Formula of the transport of this name, or of its original. Throws where there is none. */
export function formulaOf(name: string): WireFormula {
  const formula = findFormula(name);
  if (formula) return formula;
  throw new Error(`There is no byte formula for "${name}". Add one to "formulas" in scripts/wire-bytes/formulas.ts.`);
}

function findFormula(name: string): WireFormula | undefined {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) {
    const formula = findFormula(plain);
    return formula && tlsFormula(formula, findEntry(plain, recordLayouts) ?? {});
  }
  return findEntry(name, formulas);
}

/** Entry of a transport in a table or, if it has none, the entry of its original. */
function findEntry<T>(name: string, table: Record<string, T>): T | undefined {
  const { variantOf }: Partial<Transport> = (transports as Record<string, Transport>)[name] ?? {};
  const key = [name, variantOf ?? name].find((each) => Object.hasOwn(table, each));
  return key === undefined ? undefined : table[key];
}

function duplex(bytesIn: number, bytesOut: number) {
  return { duplex: { in: bytesIn, out: bytesOut } };
}
