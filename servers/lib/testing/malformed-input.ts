import {
  closeReply,
  engineUpgradeRequest,
  namespaceJoin,
  rawFrame,
  rawCloseFrame,
  engineHandshake,
  webSocketUpgrade,
  httpRequest,
  rawUpgradeRequest,
  upgradeHeaders,
  type Step,
} from "./raw-client.ts";

/**
 * Input that a server must refuse, step by step. The last step receives the refusal, after which the server ends the
 * connection.
 */
export type MalformedInput = [description: string, ...steps: Step[]];

/** The server's `maxPayloadBytes` in these tests. */
export const malformedMaxPayloadBytes = 4096;
const tooLong = malformedMaxPayloadBytes + 1;

/** Invalid requests to any HTTP server. */
const http: MalformedInput[] = [
  ["a method that does not exist", { send: httpRequest("BREW /poll"), expect: /^HTTP\/1\.1 400 / }],
  ["a request without a host", { send: "GET / HTTP/1.1\r\n\r\n", expect: /^HTTP\/1\.1 400 / }],
  ["a TLS hello", { send: Buffer.from("16030100c8010000c40303", "hex"), expect: /^HTTP\/1\.1 400 / }],
  ["a header that never ends", { send: "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", expect: /^HTTP\/1\.1 408 / }],
  ["a header of 17 KiB", { send: httpRequest("GET /", [`X: ${"x".repeat(17 * 1024)}`]), expect: /^HTTP\/1\.1 431 / }],
  ["a connection on which nothing is sent", { send: "", expect: /^HTTP\/1\.1 408 / }],
];

const joinSession: Step = {
  send: httpRequest("POST /poll", ["Content-Length: 0"]),
  expect: /^HTTP\/1\.1 201 .*\r\n\r\n[\w-]{16}$/s,
};
const pollWith = (query: string): Step => ({
  send: (joined) => httpRequest(`GET /poll/${joined.slice(-16)}${query}`),
  expect: /^HTTP\/1\.1 409 /,
});

const polling: MalformedInput[] = [
  ...http,
  [
    "a poll of a session that does not exist",
    { send: httpRequest("GET /poll/nobody?after=0"), expect: /^HTTP\/1\.1 404 / },
  ],
  ["a send to a session that does not exist", { send: httpRequest("POST /poll/nobody"), expect: /^HTTP\/1\.1 404 / }],
  [
    "a DELETE of a session that does not exist",
    { send: httpRequest("DELETE /poll/nobody"), expect: /^HTTP\/1\.1 404 / },
  ],
  ["a path that does not exist", { send: httpRequest("GET /etc/passwd"), expect: /^HTTP\/1\.1 404 / }],
  ["a path that is not UTF-8", { send: httpRequest("GET /poll/%ff"), expect: /^HTTP\/1\.1 404 / }],
  ["a wrong method", { send: httpRequest("PUT /poll"), expect: /^HTTP\/1\.1 405 .*\r\nallow: POST\r\n/s }],
  [
    "a wrong method on a session",
    { send: httpRequest("PUT /poll/nobody"), expect: /^HTTP\/1\.1 405 .*\r\nallow: GET, POST, DELETE\r\n/s },
  ],
  ["a poll that acknowledges a message that was never sent", joinSession, pollWith("?after=1")],
  ["a poll that acknowledges -1 messages", joinSession, pollWith("?after=-1")],
  ["a poll that acknowledges half a message", joinSession, pollWith("?after=0.5")],
  ["a poll that acknowledges no number", joinSession, pollWith("?after=x")],
  ["a poll without an acknowledgement", joinSession, pollWith("")],
  [
    "a body whose announced length is too large",
    { send: httpRequest("POST /poll/nobody", [`Content-Length: ${tooLong}`]), expect: /^HTTP\/1\.1 413 / },
  ],
  [
    "a chunked body that becomes too large",
    {
      send: httpRequest(
        "POST /poll/nobody",
        ["Transfer-Encoding: chunked"],
        `${tooLong.toString(16)}\r\n${"x".repeat(tooLong)}\r\n`,
      ),
      expect: /^HTTP\/1\.1 413 /,
    },
  ],
  [
    "a body that never ends",
    { send: httpRequest("POST /poll/nobody", ["Content-Length: 5"], "abc"), expect: /^HTTP\/1\.1 408 / },
  ],
  [
    "a chunk whose length is no number",
    { send: httpRequest("POST /poll", ["Transfer-Encoding: chunked"], "zz\r\n"), expect: / 400 / },
  ],
];

const ws: MalformedInput[] = [
  ...http,
  [
    "a request without an upgrade",
    { send: httpRequest("GET /"), expect: /^HTTP\/1\.1 426 .*\r\nupgrade: websocket\r\n/is },
  ],
  [
    "an upgrade without a key",
    { send: rawUpgradeRequest("/", upgradeHeaders.toSpliced(2, 1)), expect: /^HTTP\/1\.1 400 / },
  ],
  [
    "an upgrade to version 99",
    {
      send: rawUpgradeRequest("/", upgradeHeaders.with(3, "Sec-WebSocket-Version: 99")),
      expect: /^HTTP\/1\.1 400 .*\r\nSec-WebSocket-Version: 13/s,
    },
  ],
  [
    "an upgrade to another protocol",
    { send: rawUpgradeRequest("/", upgradeHeaders.with(1, "Upgrade: h2c")), expect: / 400 / },
  ],
  ["an upgrade on a path that does not exist", { send: rawUpgradeRequest("/chat"), expect: /^HTTP\/1\.1 400 / }],
  [
    "a frame without a mask",
    webSocketUpgrade,
    { send: Buffer.from([0x81, 2, 0x68, 0x69]), expect: rawCloseFrame(1002) },
  ],
  ["a reserved opcode", webSocketUpgrade, { send: Buffer.from([0x83, 0x80, 0, 0, 0, 0]), expect: rawCloseFrame(1002) }],
  [
    "text that is not UTF-8",
    webSocketUpgrade,
    { send: rawFrame("text", Buffer.from([0xc3, 0x28])), expect: rawCloseFrame(1007) },
  ],
  [
    "a frame whose announced length is too large",
    webSocketUpgrade,
    { send: Buffer.from([0x82, 0xfe, tooLong >> 8, tooLong & 255, 0, 0, 0, 0]), expect: rawCloseFrame(1009) },
  ],
];

const socketIo: MalformedInput[] = [
  ...http,
  [
    "a request without an upgrade",
    { send: httpRequest("GET /"), expect: /^HTTP\/1\.1 426 .*\r\nupgrade: websocket\r\n/is },
  ],
  [
    "Engine.IO over polling",
    { send: httpRequest("GET /socket.io/?EIO=4&transport=polling"), expect: /^HTTP\/1\.1 400 .*Transport unknown/s },
  ],
  // Engine.IO upgrades before it refuses, so its HTTP response arrives inside the WebSocket.
  [
    "an Engine.IO version that does not exist",
    {
      send: engineUpgradeRequest("EIO=9&transport=websocket"),
      expect: /400 Bad Request\r\n.*Unsupported protocol version$/s,
    },
  ],
  [
    "an Engine.IO session that does not exist",
    { send: engineUpgradeRequest("EIO=4&transport=websocket&sid=nobody"), expect: /^HTTP\/1\.1 400 / },
  ],
  ["an upgrade on a path that does not exist", { send: rawUpgradeRequest("/chat"), expect: /^$/ }],
  ["a client that joins no namespace", { ...engineHandshake, expect: rawCloseFrame() }, closeReply],
  [
    "a namespace that does not exist",
    engineHandshake,
    { send: rawFrame("text", "40/admin,"), expect: rawCloseFrame() },
    closeReply,
  ],
  [
    "a packet that is not valid",
    engineHandshake,
    namespaceJoin,
    { send: rawFrame("text", "4nonsense"), expect: rawCloseFrame() },
    closeReply,
  ],
  [
    "an event before the namespace is joined",
    engineHandshake,
    { send: rawFrame("text", '42["chat","early"]'), expect: rawCloseFrame() },
    closeReply,
  ],
  ...["7", "null", '{"a":1}', "[]"].map((argument): MalformedInput => [
    `an event whose argument is ${argument}`,
    engineHandshake,
    namespaceJoin,
    { send: rawFrame("text", `42["chat",${argument}]`), expect: rawCloseFrame() },
    closeReply,
  ]),
];

const enginePoll = "/socket.io/?EIO=4&transport=polling";
const openByPolling: Step = { send: httpRequest(`GET ${enginePoll}`, []), expect: /"sid":"[^"]*".*\}$/ };
const postToSession = (body: string, method = "POST"): Step["send"] => {
  const headers = ["Connection: close", `Content-Length: ${body.length}`];
  return (opened) => httpRequest(`${method} ${enginePoll}&sid=${/"sid":"([^"]*)"/.exec(opened)?.[1]}`, headers, body);
};

const socketIoPolled: MalformedInput[] = [
  ["a path that does not exist", { send: httpRequest("GET /etc/passwd"), expect: /^HTTP\/1\.1 404 / }],
  [
    "a transport that does not exist",
    { send: httpRequest("GET /socket.io/?EIO=4&transport=pigeon"), expect: / 400 .*Transport unknown/s },
  ],
  [
    "an Engine.IO version that does not exist",
    { send: httpRequest("GET /socket.io/?EIO=9&transport=polling"), expect: / 400 .*Unsupported protocol version/s },
  ],
  [
    "a poll of a session that does not exist",
    { send: httpRequest(`GET ${enginePoll}&sid=nobody`), expect: / 400 .*Session ID unknown/s },
  ],
  [
    "a send to a session that does not exist",
    { send: httpRequest(`POST ${enginePoll}&sid=nobody`), expect: / 400 .*Session ID unknown/s },
  ],
  ["a session that a POST opens", { send: httpRequest(`POST ${enginePoll}`), expect: / 400 .*Bad handshake method/s }],
  ["a wrong method on a session", openByPolling, { send: postToSession("", "PUT"), expect: /^HTTP\/1\.1 500 / }],
  ["a packet that is not valid", openByPolling, { send: postToSession("nonsense"), expect: /^HTTP\/1\.1 200 .*ok$/s }],
  [
    "a body too long for any payload",
    openByPolling,
    { send: postToSession("4".repeat(6 * malformedMaxPayloadBytes + 65)), expect: /^HTTP\/1\.1 413 / },
  ],
];

const tcp: MalformedInput[] = [
  ["a length of 2 GiB", { send: Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]), expect: /^$/ }],
  ["a length of one byte too many", { send: Buffer.from([0, 0, tooLong >> 8, tooLong & 255]), expect: /^$/ }],
  ["HTTP", { send: httpRequest("GET /"), expect: /^$/ }],
];

const tcpLines: MalformedInput[] = [
  ["a line of one byte too many", { send: `${"x".repeat(tooLong)}\n`, expect: /^$/ }],
  ["a line that never ends", { send: "x".repeat(tooLong + 1), expect: /^$/ }],
  ["an escaped line that never ends", { send: `\x10b${"x".repeat(2 * tooLong)}`, expect: /^$/ }],
  ["an escaped line of one byte too many", { send: `\x10t${"\\n".repeat(tooLong)}\n`, expect: /^$/ }],
  ["an escaped line of a kind that does not exist", { send: "\x10xhello\n", expect: /^$/ }],
  ["an escape that does not exist", { send: "\x10t\\x41\n", expect: /^$/ }],
];

/** A CONNECT packet of MQTT 3.1.1. Its session is clean (flag 2) by default. */
const mqttConnect = (flags = 2, level = 4, properties: readonly number[] = []): Buffer => {
  const rest = [0, 4, ...Buffer.from("MQTT"), level, flags, 0, 0, ...properties, 0, 3, ...Buffer.from("bob")];
  return Buffer.from([0x10, rest.length, ...rest]);
};
/** A CONNACK packet; code 0 accepts the client. */
const mqttConnack = (code: number): RegExp => new RegExp(`^${String.fromCharCode(0x20, 2, 0, code)}$`);
const mqttHandshake: Step = { send: mqttConnect(), expect: mqttConnack(0) };
const mqttPublish = (topic: string): Buffer =>
  Buffer.concat([Buffer.from([0x30, 2 + topic.length, 0, topic.length]), Buffer.from(topic)]);

const mqtt: MalformedInput[] = [
  ["a connection on which nothing is sent", { send: "", expect: /^$/ }],
  ["HTTP", { send: httpRequest("GET /"), expect: /^$/ }],
  ["a packet before a CONNECT", { send: mqttPublish("in/bob"), expect: /^$/ }],
  ["a second CONNECT", mqttHandshake, { send: mqttConnect(), expect: /^$/ }],
  ["a version that does not exist", { send: mqttConnect(2, 9), expect: /^$/ }],
  ["MQTT 5", { send: mqttConnect(2, 5, [0]), expect: mqttConnack(1) }],
  ["a session that outlives its connection", { send: mqttConnect(0), expect: /^$/ }],
  ["a packet of a type that does not exist", mqttHandshake, { send: Buffer.from([0xf0, 0]), expect: /^$/ }],
  ["a message on an unknown topic", mqttHandshake, { send: mqttPublish("chat/1"), expect: /^$/ }],
  [
    "a packet whose announced length is too large",
    mqttHandshake,
    { send: Buffer.from([0x30, 0x80, 0x80, 0x80, 0x7f]), expect: /^$/ },
  ],
];

const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Matches the first frame of an HTTP/2 server: empty SETTINGS (RFC 9113, section 3.4). */
const emptySettings = new RegExp(`^${String.fromCharCode(0, 0, 0, 4, 0)}`);

const grpc: MalformedInput[] = [
  ["a connection on which nothing is sent", { send: "", expect: emptySettings }],
  ["HTTP/1.1", { send: httpRequest("GET /"), expect: emptySettings }],
  ["the preface of HTTP/2 and then HTTP/1.1", { send: `${http2Preface}GET / HTTP/1.1\r\n`, expect: emptySettings }],
  ["a connection without a call", { send: `${http2Preface}\0\0\0\x04\0\0\0\0\0`, expect: emptySettings }],
];

/** Malformed inputs by transport. */
export const malformedInputs = {
  "short-poll": polling,
  "long-poll": polling,
  ws,
  "socket.io": socketIo,
  "socket.io-polling": socketIoPolled,
  "socket.io-default": [
    ...socketIoPolled,
    [
      "an upgrade of a session that does not exist",
      { send: engineUpgradeRequest("EIO=4&transport=websocket&sid=nobody"), expect: / 400 / },
    ],
  ] satisfies MalformedInput[],
  tcp,
  "tcp-lines": tcpLines,
  mqtt,
  grpc,
};
