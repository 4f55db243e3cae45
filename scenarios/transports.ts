import { chromiumMissing, chromiumPath } from "./lib/chromium.ts";
import { linksPerPage } from "./lib/browser-pages.ts";
import { manualClients } from "./transports/manual-clients.ts";
import type { Transport } from "./transports/transport.ts";

const shortPoll = {
  title: "HTTP short polling, once a second",
  manualClients: manualClients.poll,
  protocols: ["http"],
  clientLibrary: "lean",
  encodings: {
    text: "JSON string in an array; sent as text/plain",
    binary: "4-byte length and bytes; sent as octet-stream",
  },
  socketsPerClient: 2,
  server: () => import("../servers/short-poll.ts"),
  client: () => import("../clients/short-poll.ts"),
  idlePeriodOption: "pollIntervalMs",
  page: "polling",
  options: {},
  guarantees: { deliveryBoundMs: (options) => options.pollIntervalMs },
} satisfies Transport;

const longPoll = {
  ...shortPoll,
  title: "HTTP long polling: the server holds a poll until it has a message",
  server: () => import("../servers/long-poll.ts"),
  client: () => import("../clients/long-poll.ts"),
  idlePeriodOption: "holdMs",
  guarantees: {},
} satisfies Transport;

const ws = {
  title: "Raw WebSocket, no compression",
  protocols: ["ws"],
  manualClients: manualClients.ws,
  clientLibrary: "lean",
  encodings: { text: "text frame", binary: "binary frame" },
  page: "websocket",
  socketsPerClient: 1,
  server: () => import("../servers/ws.ts"),
  client: () => import("../clients/ws.ts"),
  options: {},
  guarantees: {},
} satisfies Transport;

const socketIo = {
  title: "Socket.IO over WebSocket only",
  protocols: ["http", "ws"],
  manualClients: manualClients.socketIo,
  clientLibrary: "lean",
  encodings: { text: "JSON string in one text frame", binary: "placeholder frame and binary frame" },
  page: "socket.io",
  socketsPerClient: 1,
  server: () => import("../servers/socket.io.ts"),
  client: () => import("../clients/socket.io.ts"),
  options: {},
  // Socket.IO's server ignores a message that it reads together with the client's disconnect.
  guarantees: { flushesOnClose: false },
} satisfies Transport;

/** The base of variants with features that the lean client does not have: their client is the official package. */
const socketIoLibrary = {
  ...socketIo,
  variantOf: "socket.io",
  clientLibrary: "socket.io-client",
  reconnects: "library",
  client: () => import("../clients/socket.io-library.ts"),
} satisfies Transport;

/** What the variants with pages of Chromium as clients differ in. The page sets its headers, and Chromium its addresses. */
const inPages = {
  clientLibrary: "Chromium",
  ownAddress: false,
  noTlsReason: "a page of Chromium does not trust the certificate of a trial",
  unavailable: () => Promise.resolve(chromiumPath() === undefined ? chromiumMissing() : undefined),
} satisfies Partial<Transport>;

const sseEncodings = {
  text: "event, as JSON if the text holds a CR; sent as text/plain",
  binary: "event in base64; sent as octet-stream",
};

const sse = {
  optIn: true,
  title: "Server-sent events (SSE) from the server, POST from the client",
  protocols: ["http"],
  streamsResponse: true,
  manualClients: manualClients.sse,
  page: "events",
  clientLibrary: "eventsource-parser",
  encodings: sseEncodings,
  socketsPerClient: 2,
  server: () => import("../servers/sse.ts"),
  client: () => import("../clients/sse.ts"),
  options: {},
  guarantees: {},
} satisfies Transport;

const tcp = {
  title: "Raw TCP, length-prefixed messages",
  protocols: ["tcp"],
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

const lineEncodings = { text: "line, as it is", binary: "line with LF, CR and backslash escaped" };

const mqtt = {
  optIn: true,
  title: "MQTT 3.1.1 through a broker, at most once (QoS 0)",
  protocols: ["mqtt", "tcp"],
  manualClients: manualClients.mqtt,
  clientLibrary: "mqtt",
  reconnects: "library",
  encodings: { text: "payload of a PUBLISH", binary: "payload of a PUBLISH on another topic" },
  socketsPerClient: 1,
  server: () => import("../servers/mqtt.ts"),
  client: () => import("../clients/mqtt.ts"),
  options: {},
  guarantees: {},
} satisfies Transport;

/**
 * Every transport by name. To add one, write its two halves and an entry here. The conformance suite, the bench and the
 * tables use this list.
 */
export const transports = {
  "short-poll": shortPoll,
  "short-poll-500ms": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "HTTP short polling, twice a second",
    options: { pollIntervalMs: 500 },
  },
  "short-poll-library": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "HTTP short polling, with undici as the client",
    clientLibrary: "undici",
    client: () => import("../clients/short-poll-library.ts"),
  },
  "short-poll-browser": {
    ...shortPoll,
    ...inPages,
    variantOf: "short-poll",
    title: "HTTP short polling, in pages of Chromium",
    client: () => import("../clients/short-poll-browser.ts"),
    clientsPerPage: linksPerPage.requests,
    guarantees: { ...shortPoll.guarantees, stopsReading: false },
  },
  "long-poll": longPoll,
  "long-poll-library": {
    ...longPoll,
    variantOf: "long-poll",
    title: "HTTP long polling, with undici as the client",
    clientLibrary: "undici",
    client: () => import("../clients/long-poll-library.ts"),
  },
  "long-poll-browser": {
    ...longPoll,
    ...inPages,
    variantOf: "long-poll",
    title: "HTTP long polling, in pages of Chromium",
    client: () => import("../clients/long-poll-browser.ts"),
    clientsPerPage: linksPerPage.requests,
    guarantees: { stopsReading: false },
  },
  "short-poll-close": {
    ...shortPoll,
    variantOf: "short-poll",
    title: "HTTP short polling, with a new TCP connection for each request",
    options: { transportOptions: { closes: true } },
  },
  "long-poll-5s": {
    ...longPoll,
    variantOf: "long-poll",
    title: "HTTP long polling, each poll held for at most 5 seconds",
    options: { holdMs: 5_000 },
  },
  sse,
  "sse-browser": {
    ...sse,
    ...inPages,
    variantOf: "sse",
    title: "Server-sent events (SSE) and fetch, in pages of Chromium",
    client: () => import("../clients/sse-browser.ts"),
    clientsPerPage: linksPerPage.requests,
    guarantees: { stopsReading: false },
  },
  "http-stream": {
    optIn: true,
    title: "A streamed response of newline-delimited JSON from the server, POST from the client",
    protocols: ["http"],
    streamsResponse: true,
    manualClients: manualClients.httpStream,
    page: "stream",
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
    title: "Short polling over one HTTP/2 connection",
    http2: true,
    manualClients: manualClients.h2Poll,
    clientLibrary: "node:http2",
    socketsPerClient: 1,
    server: () => import("../servers/h2-short-poll.ts"),
    client: () => import("../clients/h2-short-poll.ts"),
  },
  "h2-long-poll": {
    ...longPoll,
    optIn: true,
    title: "Long polling over one HTTP/2 connection",
    http2: true,
    manualClients: manualClients.h2Poll,
    clientLibrary: "node:http2",
    socketsPerClient: 1,
    server: () => import("../servers/h2-long-poll.ts"),
    client: () => import("../clients/h2-long-poll.ts"),
  },
  "h2-sse": {
    optIn: true,
    title: "Server-sent events (SSE) and POST over one HTTP/2 connection",
    protocols: ["http"],
    http2: true,
    streamsResponse: true,
    manualClients: manualClients.h2Sse,
    page: "events",
    clientLibrary: "node:http2",
    encodings: sseEncodings,
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
    title: "Raw WebSocket, with the ws library as the client",
    clientLibrary: "ws",
    client: () => import("../clients/ws-library.ts"),
  },
  "ws-browser": {
    ...ws,
    ...inPages,
    variantOf: "ws",
    title: "Raw WebSocket, in pages of Chromium",
    client: () => import("../clients/ws-browser.ts"),
    clientsPerPage: linksPerPage.webSocket,
    guarantees: { stopsReading: false },
  },
  "ws-deflate": {
    ...ws,
    variantOf: "ws",
    title: "WebSocket with compression (permessage-deflate, context kept), with the ws library as the client",
    clientLibrary: "ws",
    encodings: { text: "compressed text frame", binary: "compressed binary frame" },
    client: () => import("../clients/ws-library.ts"),
    options: { transportOptions: { deflate: true } },
  },
  "socket.io": socketIo,
  "socket.io-library": {
    ...socketIoLibrary,
    title: "Socket.IO over WebSocket only, with socket.io-client as the client",
  },
  "socket.io-default": {
    ...socketIoLibrary,
    title: "Socket.IO with its defaults: HTTP long polling, then an upgrade to WebSocket",
    manualClients: manualClients.socketIoDefault,
    options: { transportOptions: { transports: "both" } },
  },
  "socket.io-polling": {
    ...socketIoLibrary,
    title: "Socket.IO over HTTP long polling only, with connections kept open as in a browser",
    manualClients: manualClients.socketIoPolling,
    encodings: { text: "JSON string in a packet, sent as text/plain", binary: "placeholder packet and base64 packet" },
    socketsPerClient: 2,
    options: { transportOptions: { transports: "polling", keepAlive: true } },
  },
  "socket.io-msgpack": {
    ...socketIoLibrary,
    title: "Socket.IO over WebSocket only, with the MessagePack parser",
    manualClients: manualClients.socketIoMsgpack,
    encodings: { text: "MessagePack string in one binary frame", binary: "MessagePack bytes in one binary frame" },
    options: { transportOptions: { parser: "msgpack" } },
  },
  "socket.io-recovery": {
    ...socketIoLibrary,
    title: "Socket.IO over WebSocket only, with connection state recovery",
    options: { transportOptions: { recovery: true } },
  },
  "socket.io-browser": {
    ...socketIo,
    ...inPages,
    variantOf: "socket.io",
    title: "Socket.IO over WebSocket only, with its official client in pages of Chromium",
    client: () => import("../clients/socket.io-browser.ts"),
    clientsPerPage: linksPerPage.webSocket,
    guarantees: { ...socketIo.guarantees, stopsReading: false },
  },
  tcp,
  "tcp-library": {
    ...tcp,
    variantOf: "tcp",
    title: "Raw TCP, with a plain node:net client",
    clientLibrary: "node:net",
    client: () => import("../clients/tcp-library.ts"),
  },
  "tcp-lines": {
    ...tcp,
    optIn: true,
    title: "Raw TCP, one line of text per message: telnet and nc can join",
    manualClients: manualClients.tcpLines,
    clientLibrary: "node:net",
    encodings: lineEncodings,
    server: () => import("../servers/tcp-lines.ts"),
    client: () => import("../clients/tcp-lines.ts"),
  },
  "python-lines": {
    ...tcp,
    optIn: true,
    title: "Raw TCP, one line of text per message, with a server in Python",
    manualClients: manualClients.tcpLines,
    clientLibrary: "node:net",
    encodings: lineEncodings,
    server: () => import("../servers/python-lines.ts"),
    client: () => import("../clients/tcp-lines.ts"),
    unavailable: async () => (await import("../servers/python-lines.ts")).pythonUnavailable(),
    noTlsReason: "its server is a Python program that does not support TLS",
    guarantees: { apps: ["echo", "chat", "sink"] },
  },
  udp: {
    optIn: true,
    title: "UDP, one datagram per message, without retransmission",
    protocols: ["udp"],
    clientLibrary: "node:dgram",
    encodings: { text: "1 byte and bytes", binary: "1 byte and bytes" },
    socketsPerClient: 1,
    server: () => import("../servers/udp.ts"),
    client: () => import("../clients/udp.ts"),
    options: {},
    overTcp: false,
    noTlsReason: "TLS needs a byte stream, and UDP sends datagrams",
    guarantees: { ordered: false, reliable: false, flushesOnClose: false, maxPayloadBytes: 65_506 },
  },
  mqtt,
  "mqtt-qos1": {
    ...mqtt,
    variantOf: "mqtt",
    title: "MQTT 3.1.1 through a broker, at least once (QoS 1)",
    options: { transportOptions: { qos: 1 } },
  },
  "mqtt-session": {
    ...mqtt,
    variantOf: "mqtt",
    title: "MQTT 3.1.1 through a broker, at least once (QoS 1), with a session that outlives its connection",
    options: { transportOptions: { qos: 1, session: true } },
  },
  grpc: {
    optIn: true,
    ownAddress: false,
    title: "gRPC, one bidirectional stream per client over HTTP/2",
    protocols: ["grpc"],
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
    overTcp: false,
    noTlsReason: "its data channels are already encrypted with DTLS",
    unavailable: async () => (await import("../servers/protocols/webrtc.ts")).webrtcUnavailable(),
    options: {},
    guarantees: {},
  },
} satisfies Record<string, Transport>;

/** The client that speaks a dialect over another client. It is loaded where a trial needs it. */
export const dialectClient = () => import("../clients/lib/dialect/connect.ts");

/** The sockets of clients, to show what passes them. */
export const clientSockets = () => import("../clients/lib/net/dial.ts");
