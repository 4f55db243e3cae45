import { parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorMessage, didYouMean, UserError } from "./lib/errors.ts";
import type { Options, Transport } from "./contract.ts";
import { manualClients } from "./transports/manual-clients.ts";
import { validateTransport } from "./transports/validate-module.ts";

const shortPoll = {
  title: "HTTP short polling: the client asks once a second",
  manualClients: manualClients.poll,
  clientLibrary: "lean",
  encodings: {
    text: "JSON string in an array; sent as text/plain",
    binary: "4-byte length and bytes; sent as octet-stream",
  },
  socketsPerClient: 2,
  server: () => import("../servers/short-poll.ts"),
  client: () => import("../clients/short-poll.ts"),
  idlePeriodOption: "pollIntervalMs",
  options: {},
  guarantees: { deliveryBoundMs: (options) => options.pollIntervalMs },
} satisfies Transport;

const longPoll = {
  ...shortPoll,
  title: "HTTP long polling: the server holds the ask until there is something",
  server: () => import("../servers/long-poll.ts"),
  client: () => import("../clients/long-poll.ts"),
  idlePeriodOption: "holdMs",
  guarantees: {},
} satisfies Transport;

const ws = {
  title: "raw WebSocket, no compression",
  manualClients: manualClients.ws,
  clientLibrary: "lean",
  encodings: { text: "text frame", binary: "binary frame" },
  socketsPerClient: 1,
  server: () => import("../servers/ws.ts"),
  client: () => import("../clients/ws.ts"),
  options: {},
  guarantees: {},
} satisfies Transport;

const socketIo = {
  title: "Socket.IO over WebSocket only",
  manualClients: manualClients.socketIo,
  clientLibrary: "lean",
  encodings: { text: "JSON string in one text frame", binary: "placeholder frame and binary frame" },
  socketsPerClient: 1,
  server: () => import("../servers/socket.io.ts"),
  client: () => import("../clients/socket.io.ts"),
  options: {},
  // Socket.IO's server ignores an event that it reads together with the client's disconnect.
  guarantees: { flushesOnClose: false },
} satisfies Transport;

/** The client through the official package: what of Socket.IO the lean client does not speak is compared with this. */
const socketIoLibrary = {
  ...socketIo,
  variantOf: "socket.io",
  clientLibrary: "socket.io-client",
  client: () => import("../clients/socket.io-library.ts"),
} satisfies Transport;

const tcp = {
  title: "raw TCP, length-prefixed messages",
  manualClients: manualClients.tcp,
  clientLibrary: "lean",
  encodings: { text: "4-byte length, top bit set, and bytes", binary: "4-byte length and bytes" },
  socketsPerClient: 1,
  server: () => import("../servers/tcp.ts"),
  client: () => import("../clients/tcp.ts"),
  idlePeriodOption: "none",
  options: {},
  guarantees: {},
} satisfies Transport;

const mqtt = {
  optIn: true,
  title: "MQTT 3.1.1 through a broker, at most once (QoS 0)",
  manualClients: manualClients.mqtt,
  clientLibrary: "mqtt",
  encodings: { text: "payload of a PUBLISH", binary: "payload of a PUBLISH on another topic" },
  socketsPerClient: 1,
  server: () => import("../servers/mqtt.ts"),
  client: () => import("../clients/mqtt.ts"),
  options: {},
  guarantees: {},
} satisfies Transport;

/** Every transport by name. To add one, write its two halves and a line here: the suite, the bench and the tables follow. */
export const transports = {
  "short-poll": shortPoll,
  "short-poll-500ms": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "the same, twice a second",
    options: { pollIntervalMs: 500 },
  },
  "short-poll-library": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "the same, the client through undici",
    clientLibrary: "undici",
    client: () => import("../clients/short-poll-library.ts"),
  },
  "long-poll": longPoll,
  "long-poll-library": {
    ...longPoll,
    variantOf: "long-poll",
    title: "the same, the client through undici",
    clientLibrary: "undici",
    client: () => import("../clients/long-poll-library.ts"),
  },
  "short-poll-close": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "the same, a new TCP connection for each request",
    options: { transportOptions: { closes: true } },
  },
  "long-poll-5s": {
    ...longPoll,
    variantOf: "long-poll",
    title: "the same, an ask held for 5 seconds at most",
    options: { holdMs: 5_000 },
  },
  sse: {
    optIn: true,
    title: "server-sent events down, POST up",
    manualClients: manualClients.sse,
    clientLibrary: "eventsource-parser",
    encodings: {
      text: "event; as JSON where it has a CR; sent as text/plain",
      binary: "event in base64; sent as octet-stream",
    },
    socketsPerClient: 2,
    server: () => import("../servers/sse.ts"),
    client: () => import("../clients/sse.ts"),
    options: {},
    guarantees: {},
  },
  "http-stream": {
    optIn: true,
    title: "one streamed response of newline-delimited JSON down, POST up",
    manualClients: manualClients.httpStream,
    clientLibrary: "undici",
    encodings: { text: "JSON string in a line; sent as text/plain", binary: "base64 in a line; sent as octet-stream" },
    socketsPerClient: 2,
    server: () => import("../servers/http-stream.ts"),
    client: () => import("../clients/http-stream.ts"),
    options: {},
    guarantees: {},
  },
  "h2-short-poll": {
    ...shortPoll,
    optIn: true,
    title: "short polling on one HTTP/2 connection",
    manualClients: manualClients.h2Poll,
    clientLibrary: "node:http2",
    socketsPerClient: 1,
    server: () => import("../servers/h2-short-poll.ts"),
    client: () => import("../clients/h2-short-poll.ts"),
  },
  "h2-long-poll": {
    ...longPoll,
    optIn: true,
    title: "long polling on one HTTP/2 connection",
    manualClients: manualClients.h2Poll,
    clientLibrary: "node:http2",
    socketsPerClient: 1,
    server: () => import("../servers/h2-long-poll.ts"),
    client: () => import("../clients/h2-long-poll.ts"),
  },
  "h2-sse": {
    optIn: true,
    title: "server-sent events down and POST up on one HTTP/2 connection",
    manualClients: manualClients.h2Sse,
    clientLibrary: "node:http2",
    encodings: {
      text: "event; as JSON where it has a CR; sent as text/plain",
      binary: "event in base64; sent as octet-stream",
    },
    socketsPerClient: 1,
    server: () => import("../servers/h2-sse.ts"),
    client: () => import("../clients/h2-sse.ts"),
    options: {},
    guarantees: {},
  },
  ws,
  "ws-library": {
    ...ws,
    variantOf: "ws",
    title: "the same, the client through the ws library",
    clientLibrary: "ws",
    client: () => import("../clients/ws-library.ts"),
  },
  "ws-deflate": {
    ...ws,
    variantOf: "ws",
    title: "every message compressed (permessage-deflate, context kept), the client through the ws library",
    clientLibrary: "ws",
    encodings: { text: "compressed text frame", binary: "compressed binary frame" },
    client: () => import("../clients/ws-library.ts"),
    options: { transportOptions: { deflate: true } },
  },
  "socket.io": socketIo,
  "socket.io-library": { ...socketIoLibrary, title: "the same, the client through socket.io-client" },
  "socket.io-default": {
    ...socketIoLibrary,
    title: "Socket.IO as it comes: HTTP long polling, then an upgrade to WebSocket",
    manualClients: manualClients.socketIoDefault,
    options: { transportOptions: { transports: "both" } },
  },
  "socket.io-polling": {
    ...socketIoLibrary,
    title: "Socket.IO over HTTP long polling only, connections kept as a browser keeps them",
    manualClients: manualClients.socketIoPolling,
    encodings: { text: "JSON string in a packet, sent as text/plain", binary: "placeholder packet and base64 packet" },
    socketsPerClient: 2,
    options: { transportOptions: { transports: "polling", keepAlive: true } },
  },
  "socket.io-msgpack": {
    ...socketIoLibrary,
    title: "Socket.IO over WebSocket only, with its MessagePack parser",
    manualClients: manualClients.socketIoMsgpack,
    encodings: { text: "MessagePack string in one binary frame", binary: "MessagePack bytes in one binary frame" },
    options: { transportOptions: { parser: "msgpack" } },
  },
  "socket.io-recovery": {
    ...socketIoLibrary,
    title: "Socket.IO over WebSocket only, keeping what disconnected clients miss (connection state recovery)",
    options: { transportOptions: { recovery: true } },
  },
  tcp,
  "tcp-library": {
    ...tcp,
    variantOf: "tcp",
    title: "the same, the client as one writes it with node:net",
    clientLibrary: "node:net",
    client: () => import("../clients/tcp-library.ts"),
  },
  "tcp-lines": {
    ...tcp,
    optIn: true,
    title: "raw TCP, one line of text per message: telnet and nc can join",
    manualClients: manualClients.tcpLines,
    clientLibrary: "node:net",
    encodings: { text: "a line, as it is", binary: "a line with LF, CR and backslash escaped" },
    server: () => import("../servers/tcp-lines.ts"),
    client: () => import("../clients/tcp-lines.ts"),
  },
  "python-lines": {
    ...tcp,
    optIn: true,
    title: "raw TCP, one line of text per message, the server in another language: Python",
    manualClients: manualClients.tcpLines,
    clientLibrary: "node:net",
    encodings: { text: "a line, as it is", binary: "a line with LF, CR and backslash escaped" },
    server: () => import("../servers/python-lines.ts"),
    client: () => import("../clients/tcp-lines.ts"),
    unavailable: async () => (await import("../servers/python-lines.ts")).pythonUnavailable(),
    noTlsReason: "its server, a program of its own, does not speak it",
    guarantees: { apps: ["echo", "chat", "sink"] },
  },
  udp: {
    optIn: true,
    title: "UDP, one datagram per message: what is lost stays lost",
    clientLibrary: "node:dgram",
    encodings: { text: "1 byte and bytes", binary: "1 byte and bytes" },
    socketsPerClient: 1,
    server: () => import("../servers/udp.ts"),
    client: () => import("../clients/udp.ts"),
    options: {},
    noTlsReason: "TLS needs a stream of bytes, which datagrams are not",
    guarantees: { ordered: false, reliable: false, flushesOnClose: false, maxPayloadBytes: 65_506 },
  },
  mqtt,
  "mqtt-qos1": {
    ...mqtt,
    variantOf: "mqtt",
    title: "the same, every message acknowledged (QoS 1)",
    options: { transportOptions: { qos: 1 } },
  },
  grpc: {
    optIn: true,
    title: "gRPC: one bidirectional stream per client, over HTTP/2",
    manualClients: manualClients.grpc,
    clientLibrary: "@grpc/grpc-js",
    encodings: { text: "Protocol Buffers string", binary: "Protocol Buffers bytes" },
    socketsPerClient: 1,
    server: () => import("../servers/grpc.ts"),
    client: () => import("../clients/grpc.ts"),
    options: {},
    guarantees: {},
  },
  webrtc: {
    optIn: true,
    title: "WebRTC data channel, ordered and reliable",
    clientLibrary: "node-datachannel",
    encodings: { text: "string message", binary: "binary message" },
    socketsPerClient: 1,
    server: () => import("../servers/webrtc.ts"),
    client: () => import("../clients/webrtc.ts"),
    noTlsReason: "its data channels are encrypted already, by DTLS",
    unavailable: async () => (await import("../servers/protocols/webrtc.ts")).webrtcUnavailable(),
    options: {},
    guarantees: {},
  },
} satisfies Record<string, Transport>;

/** The common settings a transport starts from. Each is a value a careful engineer would leave in production. */
export const defaultOptions: Options = {
  host: "127.0.0.1",
  port: 0,
  handshakeMs: 10_000,
  idleMs: 20_000,
  heartbeatMs: 25_000,
  pollIntervalMs: 1_000,
  holdMs: 25_000,
  maxPayloadBytes: 2 * 1024 * 1024,
  queueBytes: 4 * 1024 * 1024,
  extraHeaderBytes: 0,
  phase: 0,
  transportOptions: {},
};

/** The transports that run where none is named: all but the variants and the extra ones. */
export function standardTransports(): string[] {
  return Object.keys(transports).filter(isStandard);
}

/** The transports that run only where they are named. */
export function optInTransports(): string[] {
  return Object.keys(transports).filter((name) => !isStandard(name));
}

/** The variants over TLS of all that can have one. */
export function tlsTransports(): string[] {
  const able = Object.entries<Transport>(transports).filter(([, { noTlsReason }]) => noTlsReason === undefined);
  return able.map(([name]) => withTlsSuffix(name));
}

function isStandard(name: string): boolean {
  const { variantOf, optIn } = (transports as Record<string, Transport>)[name]!;
  return variantOf === undefined && !optIn;
}

/** What follows the name of a transport, or the path of a module, where the same over TLS is meant: a variant of it. */
export const tlsSuffix = "+tls";

/** The name or path without that suffix; undefined where it has none. */
export function withoutTlsSuffix(name: string): string | undefined {
  return name.endsWith(tlsSuffix) ? name.slice(0, -tlsSuffix.length) : undefined;
}

/** The name that means the same over TLS. */
export function withTlsSuffix(name: string): string {
  return withoutTlsSuffix(name) === undefined ? name + tlsSuffix : name;
}

/** Whether a transport is named by the path of its module, and not as it is on the list. */
export function isModulePath(name: string): boolean {
  return /[/\\]/.test(name);
}

const whereNamed = "npm run bench -- --list names them all; the path of a module has a slash in it, as in ./mine.js.";

/**
 * The transport of that name, or the default export of the module at that path; with "+tls" behind it, the same over TLS. A UserError where
 * there is none.
 */
export async function loadTransport(name: string): Promise<Transport> {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return secured(plain, await loadTransport(plain));
  if (Object.hasOwn(transports, name)) return (transports as Record<string, Transport>)[name]!;
  if (!isModulePath(name))
    throw new UserError(`Unknown transport "${name}".${didYouMean(name, Object.keys(transports), whereNamed)}`);
  const module = await import(pathToFileURL(resolve(name)).href).catch((cause: unknown) => {
    throw new UserError(`Cannot load the transport module ${name}: ${errorMessage(cause)}`, { cause });
  });
  return validateTransport(name, module.default, [...Object.keys(defaultOptions), "alsoAt", "tls"]);
}

/** The variant of a transport over TLS; a UserError where there can be none. */
function secured(name: string, transport: Transport): Transport {
  const { title, options, noTlsReason } = transport;
  const label = transportLabel(name);
  if (noTlsReason !== undefined) throw new UserError(`${label} cannot be had over TLS: ${noTlsReason}.`);
  if (options.tls) throw new UserError(`${label} is spoken over TLS as it is: leave out "${tlsSuffix}".`);
  return { ...transport, variantOf: name, title: `${title}; over TLS 1.3`, options: { ...options, tls: true } };
}

/** What a transport is called in rows and sentences: its name on the list, or the file name of its module; "+tls" behind it stays. */
export function transportLabel(name: string): string {
  const plain = withoutTlsSuffix(name);
  if (plain !== undefined) return transportLabel(plain) + tlsSuffix;
  return Object.hasOwn(transports, name) ? name : parse(name).name;
}

/** The defaults, changed by the transport's own options, changed by the scenario's or the suite's. */
export function optionsFor(transport: Transport, overrides: Partial<Options>): Options {
  return { ...defaultOptions, ...transport.options, ...overrides };
}
