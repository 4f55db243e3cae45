import {
  answersClose,
  engineStep,
  entersNamespace,
  rawFrame,
  rawCloseFrame,
  socketIoHandshake,
  opensEngine,
  httpRequest,
  upgradeRequestText,
  upgradeStep,
  type Step,
} from "./raw-client.ts";

/** What a stranger does, turn by turn; the last turn hears the refusal, after which the server ends the connection. */
export type MalformedInput = [what: string, ...turns: Step[]];

/** What a server has to be limited to for these tables. */
export const malformedMaxPayloadBytes = 4096;
const tooLong = malformedMaxPayloadBytes + 1;

/** Every HTTP server: requests that are none. */
const http: MalformedInput[] = [
  ["a method that does not exist", { send: httpRequest("BREW /poll"), expect: /^HTTP\/1\.1 400 / }],
  ["a request without a host", { send: "GET / HTTP/1.1\r\n\r\n", expect: /^HTTP\/1\.1 400 / }],
  ["a TLS hello", { send: Buffer.from("16030100c8010000c40303", "hex"), expect: /^HTTP\/1\.1 400 / }],
  ["a header that never ends", { send: "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", expect: /^HTTP\/1\.1 408 / }],
  ["a header of 17 KiB", { send: httpRequest("GET /", [`X: ${"x".repeat(17 * 1024)}`]), expect: /^HTTP\/1\.1 431 / }],
  ["nothing at all", { send: "", expect: /^HTTP\/1\.1 408 / }],
];

const joins: Step = {
  send: httpRequest("POST /poll", ["Content-Length: 0"]),
  expect: /^HTTP\/1\.1 201 .*\r\n\r\n[\w-]{16}$/s,
};
const asksAfter = (after: string): Step => ({
  send: (joined) => httpRequest(`GET /poll/${joined.slice(-16)}${after}`),
  expect: /^HTTP\/1\.1 409 /,
});

const polling: MalformedInput[] = [
  ...http,
  ["an ask of nobody", { send: httpRequest("GET /poll/nobody?after=0"), expect: /^HTTP\/1\.1 404 / }],
  ["a send of nobody", { send: httpRequest("POST /poll/nobody"), expect: /^HTTP\/1\.1 404 / }],
  ["a closing() of nobody", { send: httpRequest("DELETE /poll/nobody"), expect: /^HTTP\/1\.1 404 / }],
  ["a path that does not exist", { send: httpRequest("GET /etc/passwd"), expect: /^HTTP\/1\.1 404 / }],
  ["a path that is no UTF-8", { send: httpRequest("GET /poll/%ff"), expect: /^HTTP\/1\.1 404 / }],
  ["a wrong method", { send: httpRequest("PUT /poll"), expect: /^HTTP\/1\.1 405 .*\r\nallow: POST\r\n/s }],
  [
    "a wrong method on a session",
    { send: httpRequest("PUT /poll/nobody"), expect: /^HTTP\/1\.1 405 .*\r\nallow: GET, POST, DELETE\r\n/s },
  ],
  ["an ask for what was never sent", joins, asksAfter("?after=1")],
  ["an ask for less than nothing", joins, asksAfter("?after=-1")],
  ["an ask for half a message", joins, asksAfter("?after=0.5")],
  ["an ask after no number", joins, asksAfter("?after=x")],
  ["an ask that does not say after what", joins, asksAfter("")],
  [
    "a body that is announced too long",
    { send: httpRequest("POST /poll/nobody", [`Content-Length: ${tooLong}`]), expect: /^HTTP\/1\.1 413 / },
  ],
  [
    "a body that turns out too long",
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
    "a chunk without a length",
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
    { send: upgradeRequestText("/", upgradeStep.toSpliced(2, 1)), expect: /^HTTP\/1\.1 400 / },
  ],
  [
    "an upgrade to version 99",
    {
      send: upgradeRequestText("/", upgradeStep.with(3, "Sec-WebSocket-Version: 99")),
      expect: /^HTTP\/1\.1 400 .*\r\nSec-WebSocket-Version: 13/s,
    },
  ],
  [
    "an upgrade to another protocol",
    { send: upgradeRequestText("/", upgradeStep.with(1, "Upgrade: h2c")), expect: / 400 / },
  ],
  ["an upgrade on a wrong path", { send: upgradeRequestText("/chat"), expect: /^HTTP\/1\.1 400 / }],
  ["a frame without a mask", opensEngine, { send: Buffer.from([0x81, 2, 0x68, 0x69]), expect: rawCloseFrame(1002) }],
  ["a reserved opcode", opensEngine, { send: Buffer.from([0x83, 0x80, 0, 0, 0, 0]), expect: rawCloseFrame(1002) }],
  [
    "text that is no UTF-8",
    opensEngine,
    { send: rawFrame("text", Buffer.from([0xc3, 0x28])), expect: rawCloseFrame(1007) },
  ],
  [
    "a frame that is announced too long",
    opensEngine,
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
    "Engine.IO by polling",
    { send: httpRequest("GET /socket.io/?EIO=4&transport=polling"), expect: /^HTTP\/1\.1 400 .*Transport unknown/s },
  ],
  // Engine.IO upgrades before it refuses, so that its answer comes inside the WebSocket: odd, but an end.
  [
    "an Engine.IO version that does not exist",
    { send: engineStep("EIO=9&transport=websocket"), expect: /400 Bad Request\r\n.*Unsupported protocol version$/s },
  ],
  [
    "an Engine.IO session of nobody",
    { send: engineStep("EIO=4&transport=websocket&sid=nobody"), expect: /^HTTP\/1\.1 400 / },
  ],
  ["an upgrade on a wrong path", { send: upgradeRequestText("/chat"), expect: /^$/ }],
  ["a client that joins no namespace", { ...socketIoHandshake, expect: rawCloseFrame() }, answersClose],
  [
    "a namespace that does not exist",
    socketIoHandshake,
    { send: rawFrame("text", "40/admin,"), expect: rawCloseFrame() },
    answersClose,
  ],
  [
    "a packet that is none",
    socketIoHandshake,
    entersNamespace,
    { send: rawFrame("text", "4nonsense"), expect: rawCloseFrame() },
    answersClose,
  ],
  [
    "an event before it has joined",
    socketIoHandshake,
    { send: rawFrame("text", '42["chat","early"]'), expect: rawCloseFrame() },
    answersClose,
  ],
  ...["7", "null", '{"a":1}', "[]"].map((argument): MalformedInput => [
    `an event with ${argument} for a payload`,
    socketIoHandshake,
    entersNamespace,
    { send: rawFrame("text", `42["chat",${argument}]`), expect: rawCloseFrame() },
    answersClose,
  ]),
];

const enginePoll = "/socket.io/?EIO=4&transport=polling";
const opensByPolling: Step = { send: httpRequest(`GET ${enginePoll}`, []), expect: /"sid":"[^"]*".*\}$/ };
const postsToIt = (body: string, method = "POST"): Step["send"] => {
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
  ["an ask of nobody", { send: httpRequest(`GET ${enginePoll}&sid=nobody`), expect: / 400 .*Session ID unknown/s }],
  ["a send of nobody", { send: httpRequest(`POST ${enginePoll}&sid=nobody`), expect: / 400 .*Session ID unknown/s }],
  ["a session opened by a send", { send: httpRequest(`POST ${enginePoll}`), expect: / 400 .*Bad handshake method/s }],
  ["a wrong method on a session", opensByPolling, { send: postsToIt("", "PUT"), expect: /^HTTP\/1\.1 500 / }],
  ["a packet that is none", opensByPolling, { send: postsToIt("nonsense"), expect: /^HTTP\/1\.1 200 .*ok$/s }],
  [
    "a body too long for any payload",
    opensByPolling,
    { send: postsToIt("4".repeat(6 * malformedMaxPayloadBytes + 65)), expect: /^HTTP\/1\.1 413 / },
  ],
];

const tcp: MalformedInput[] = [
  ["a giant length", { send: Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]), expect: /^$/ }],
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

/** A client of MQTT 3.1.1 says who it is. Its session is clean (flag 2) unless other flags say otherwise. */
const mqttConnects = (flags = 2, level = 4, properties: readonly number[] = []): Buffer => {
  const rest = [0, 4, ...Buffer.from("MQTT"), level, flags, 0, 0, ...properties, 0, 3, ...Buffer.from("bob")];
  return Buffer.from([0x10, rest.length, ...rest]);
};
/** What a broker answers: 0 where it takes the client. */
const mqttAnswers = (code: number): RegExp => new RegExp(`^${String.fromCharCode(0x20, 2, 0, code)}$`);
const connected: Step = { send: mqttConnects(), expect: mqttAnswers(0) };
const publishes = (topic: string, retained = 0): Buffer =>
  Buffer.concat([Buffer.from([0x30 | retained, 2 + topic.length, 0, topic.length]), Buffer.from(topic)]);

const mqtt: MalformedInput[] = [
  ["nothing at all", { send: "", expect: /^$/ }],
  ["HTTP", { send: httpRequest("GET /"), expect: /^$/ }],
  ["a packet before a CONNECT", { send: publishes("in/bob"), expect: /^$/ }],
  ["a second CONNECT", connected, { send: mqttConnects(), expect: /^$/ }],
  ["a version that does not exist", { send: mqttConnects(2, 9), expect: /^$/ }],
  ["MQTT 5, which it is not", { send: mqttConnects(2, 5, [0]), expect: mqttAnswers(1) }],
  ["a session that is to outlive its connection", { send: mqttConnects(0), expect: /^$/ }],
  ["a packet of a type that does not exist", connected, { send: Buffer.from([0xf0, 0]), expect: /^$/ }],
  ["a message on a topic of nobody's", connected, { send: publishes("chat/1"), expect: /^$/ }],
  ["a message that is to be kept", connected, { send: publishes("in/bob", 1), expect: /^$/ }],
  [
    "a packet that is announced too long",
    connected,
    { send: Buffer.from([0x30, 0x80, 0x80, 0x80, 0x7f]), expect: /^$/ },
  ],
];

const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** What an HTTP/2 server says first, unasked: empty SETTINGS (RFC 9113, section 3.4). */
const settingsFirst = new RegExp(`^${String.fromCharCode(0, 0, 0, 4, 0)}`);

const grpc: MalformedInput[] = [
  ["nothing at all", { send: "", expect: settingsFirst }],
  ["HTTP/1.1", { send: httpRequest("GET /"), expect: settingsFirst }],
  [
    "what begins like HTTP/2 and goes on otherwise",
    { send: `${http2Preface}GET / HTTP/1.1\r\n`, expect: settingsFirst },
  ],
  ["who connects and calls nothing", { send: `${http2Preface}\0\0\0\x04\0\0\0\0\0`, expect: settingsFirst }],
];

/** All refusals, by transport. */
export const malformedInputs = {
  "short-poll": polling,
  "long-poll": polling,
  ws,
  "socket.io": socketIo,
  "socket.io-polling": socketIoPolled,
  "socket.io-default": [
    ...socketIoPolled,
    ["an upgrade of nobody's session", { send: engineStep("EIO=4&transport=websocket&sid=nobody"), expect: / 400 / }],
  ] satisfies MalformedInput[],
  tcp,
  "tcp-lines": tcpLines,
  mqtt,
  grpc,
};
