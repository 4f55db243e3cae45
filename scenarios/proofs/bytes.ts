import type { Address, Bytes, Options, Role, Transport } from "../contract.ts";
import { transports } from "../transports.ts";
import { http1 } from "./exchanges.ts";
import { frameBytes, headBytes, jsonStringBytes } from "./frames.ts";
import { http2 } from "./http2.ts";
import { events, jsonLines, polling, streaming } from "./sessions.ts";

/** What bytes depend on beside the message: a `Host` header names the address, some handshakes tell time-outs. */
export interface Place {
  address: Address;
  options: Options;
  /** Messages that the client has had so far, the one that is weighed included. */
  received: number;
  /** What the header `Date` says. */
  date: string;
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
  /** Set where what was said before in the same second makes it cheaper to say again: then the second of two is weighed. */
  remembers?: true;
}

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

/**
 * What each transport must cost, and its variants where they have no line of their own. One that is not told of here is not proven to the
 * byte, which prove:bytes says.
 */
const formulas: Record<string, Formula> = {
  "short-poll": polling(http1(pollsKeptMs), false),
  "long-poll": polling(http1(pollsKeptMs), true),
  sse: streaming(http1(streamsKeptMs), events),
  "http-stream": streaming(http1(streamsKeptMs), jsonLines),
  "h2-short-poll": { ...polling(http2, false), remembers: true },
  "h2-long-poll": { ...polling(http2, true), remembers: true },
  "h2-sse": { ...streaming(http2, events), remembers: true },
  ws: webSocket,
  "socket.io": socketIo,
  tcp: records,
};

/** How long a server keeps a connection without requests; 0 where it closes it after each. */
function pollsKeptMs({ options }: Place): number {
  return options.own["closes"] ? 0 : options.pollIntervalMs + options.idleMs + 5_000;
}
function streamsKeptMs({ options }: Place): number {
  return options.idleMs + 5_000;
}

/** Whether there is a formula for the transport of that name. */
export function hasFormula(name: string): boolean {
  return find(name) !== undefined;
}

/** The formula of that transport, or of the one that it is a variant of; throws where there is none. */
export function formulaOf(name: string): Formula {
  const formula = find(name);
  if (formula) return formula;
  throw new Error(
    `No formula says what "${name}" must cost on the wire: add one to formulas in scenarios/proofs/bytes.ts.`,
  );
}

function find(name: string): Formula | undefined {
  const { variantOf }: Partial<Transport> = (transports as Record<string, Transport>)[name] ?? {};
  const line = [name, variantOf ?? name].find((each) => Object.hasOwn(formulas, each));
  return line === undefined ? undefined : formulas[line];
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
