import type { Address, Bytes, Options, Role } from "../contract.ts";
import { frameBytes, headBytes, jsonStringBytes } from "./frames.ts";
import { asks, empties, joins, posts, responds } from "./exchanges.ts";

/** What bytes depend on beside the message: a `Host` header names the address, some handshakes tell time-outs. */
export interface Place {
  address: Address;
  options: Options;
}

/** What something costs on the TCP streams, payload included, by role and seen from the server; a role left out carries nothing. */
export interface Cost extends Partial<Record<Role, Bytes>> {
  /** Asks that were answered in it, in transports that ask; default 0. */
  asks?: number;
}

/** What a transport must cost, to the byte, as its protocol says. */
export interface Formula {
  /** From a client's first byte until nothing more comes by itself at once. */
  setUp(place: Place): Cost;
  /** One message from client to server, and what answers it. */
  send(payload: Buffer, text: boolean, place: Place): Cost;
  /** One message from server to client, and what asks for it. */
  delivery(payload: Buffer, text: boolean, place: Place): Cost;
  /** One round of what goes to and fro while nobody says anything; left out where nothing does. */
  idle?: { name: "empty ask" | "heartbeat"; cost(place: Place): Cost };
}

/**
 * A polled message is a whole exchange: request line and headers, status line and headers, and a body that is a JSON array of one
 * string, or one record of 4 + P bytes. A long poll's delivery is the answer to the ask that was held and the next ask's request.
 */
const polling = {
  setUp: joins,
  send: posts,
  delivery: (payload, text, place) => ({ down: { in: asks(place), out: responds(payload, text, place) }, asks: 1 }),
  idle: { name: "empty ask", cost: (place) => ({ down: { in: asks(place), out: empties(place) }, asks: 1 }) },
} satisfies Formula;

/** 2, 4 or 10 bytes a frame at P <= 125, <= 65,535 and above, and 4 more from a client, which masks (RFC 6455, sections 5.2, 5.3). */
const webSocket = {
  setUp: (place) => upgrade("/", place),
  send: (payload) => duplex(frameBytes(payload.length, true), 0),
  delivery: (payload) => duplex(0, frameBytes(payload.length, false)),
  // An empty ping and an empty pong (RFC 6455, sections 5.5.2, 5.5.3).
  idle: { name: "heartbeat", cost: () => duplex(frameBytes(0, true), frameBytes(0, false)) },
} satisfies Formula;

/** The event of the Socket.IO halves. */
const event = JSON.stringify("chat");

/** What a Socket.IO message is on the wire: one text frame, or one that announces a Buffer and one that is it (protocol v5). */
function packets(payload: Buffer, text: boolean, masked: boolean): number {
  if (text) return frameBytes(`42[${event},]`.length + jsonStringBytes(payload.toString()), masked);
  const announced = `451-[${event},{"_placeholder":true,"num":0}]`;
  return frameBytes(announced.length, masked) + frameBytes(payload.length, masked);
}

/** Engine.IO v4 (1 character for the type of packet) and Socket.IO v5 (1 more) in WebSocket frames. */
const socketIo = {
  setUp(place) {
    const upgraded = upgrade("/socket.io/?EIO=4&transport=websocket", place).duplex;
    const { heartbeatMs, maxPayloadBytes } = place.options;
    const sid = "s".repeat(20); // 15 bytes in base64
    const maxPayload = 6 * maxPayloadBytes + 64; // as the half asks for
    const opening = { sid, upgrades: [], pingInterval: heartbeatMs, pingTimeout: heartbeatMs, maxPayload };
    const opened = `0${JSON.stringify(opening)}`;
    const connected = `40${JSON.stringify({ sid })}`;
    return duplex(
      upgraded.in + frameBytes("40".length, true),
      upgraded.out + frameBytes(opened.length, false) + frameBytes(connected.length, false),
    );
  },
  send: (payload, text) => duplex(packets(payload, text, true), 0),
  delivery: (payload, text) => duplex(0, packets(payload, text, false)),
  // The packet "2" from the server, "3" from the client.
  idle: { name: "heartbeat", cost: () => duplex(frameBytes(1, true), frameBytes(1, false)) },
} satisfies Formula;

/** A uint32 in front of each payload. Nothing is said at set-up, and keep-alive probes are the kernel's. */
const records = {
  setUp: () => duplex(0, 0),
  send: (payload) => duplex(4 + payload.length, 0),
  delivery: (payload) => duplex(0, 4 + payload.length),
} satisfies Formula;

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
} satisfies Formula;

/** What each transport must cost. A transport without a line here is not proven to the byte, which prove:bytes says. */
const formulas: Record<string, Formula> = {
  "short-poll": polling,
  "long-poll": { ...polling, setUp: (place) => ({ ...joins(place), down: { in: asks(place), out: 0 } }) },
  ws: webSocket,
  "socket.io": socketIo,
  tcp: records,
  "tcp-lines": lines,
};

/** Whether there is a formula for the transport of that name. */
export function hasFormula(name: string): boolean {
  return Object.hasOwn(formulas, name);
}

/** The formula of that transport; throws where there is none. */
export function formulaOf(name: string): Formula {
  const formula = formulas[name];
  if (formula) return formula;
  throw new Error(
    `No formula says what "${name}" must cost on the wire: add one to formulas in scenarios/proofs/bytes.ts.`,
  );
}

/** The opening handshake as the `ws` library writes it, no compression offered: 154 and 129 bytes at 127.0.0.1 and a port of 5 digits. */
function upgrade(target: string, { address: { host, port } }: Place) {
  const request = [
    `GET ${target} HTTP/1.1`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${"k".repeat(24)}`, // 16 bytes in base64 (RFC 6455, section 4.1)
    "Connection: Upgrade",
    "Upgrade: websocket",
    `Host: ${host}:${port}`,
  ];
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${"a".repeat(28)}`, // a SHA-1 in base64 (section 4.2.2)
  ];
  return duplex(headBytes(request), headBytes(response));
}

function duplex(bytesIn: number, bytesOut: number) {
  return { duplex: { in: bytesIn, out: bytesOut } };
}
