import {
  closes,
  engine,
  enters,
  frame,
  closing,
  handshake,
  opens,
  request,
  upgrades,
  websocket,
  type Turn,
} from "./raw-client.ts";

/** What a stranger does, turn by turn; the last turn hears the refusal, after which the server ends the connection. */
export type Refusal = [what: string, ...turns: Turn[]];

/** What a server has to be limited to for these tables. */
export const maxPayloadBytes = 4096;
const tooLong = maxPayloadBytes + 1;

/** Every HTTP server: requests that are none. */
const http: Refusal[] = [
  ["a method that does not exist", { say: request("BREW /poll"), hear: /^HTTP\/1\.1 400 / }],
  ["a request without a host", { say: "GET / HTTP/1.1\r\n\r\n", hear: /^HTTP\/1\.1 400 / }],
  ["a TLS hello", { say: Buffer.from("16030100c8010000c40303", "hex"), hear: /^HTTP\/1\.1 400 / }],
  ["a header that never ends", { say: "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", hear: /^HTTP\/1\.1 408 / }],
  ["a header of 17 KiB", { say: request("GET /", [`X: ${"x".repeat(17 * 1024)}`]), hear: /^HTTP\/1\.1 431 / }],
  ["nothing at all", { say: "", hear: /^HTTP\/1\.1 408 / }],
];

const joins: Turn = {
  say: request("POST /poll", ["Content-Length: 0"]),
  hear: /^HTTP\/1\.1 201 .*\r\n\r\n[\w-]{16}$/s,
};
const asksAfter = (after: string): Turn => ({
  say: (joined) => request(`GET /poll/${joined.slice(-16)}${after}`),
  hear: /^HTTP\/1\.1 409 /,
});

const polling: Refusal[] = [
  ...http,
  ["an ask of nobody", { say: request("GET /poll/nobody?after=0"), hear: /^HTTP\/1\.1 404 / }],
  ["a send of nobody", { say: request("POST /poll/nobody"), hear: /^HTTP\/1\.1 404 / }],
  ["a closing() of nobody", { say: request("DELETE /poll/nobody"), hear: /^HTTP\/1\.1 404 / }],
  ["a path that does not exist", { say: request("GET /etc/passwd"), hear: /^HTTP\/1\.1 404 / }],
  ["a path that is no UTF-8", { say: request("GET /poll/%ff"), hear: /^HTTP\/1\.1 404 / }],
  ["a wrong method", { say: request("PUT /poll"), hear: /^HTTP\/1\.1 405 .*\r\nallow: POST\r\n/s }],
  [
    "a wrong method on a session",
    { say: request("PUT /poll/nobody"), hear: /^HTTP\/1\.1 405 .*\r\nallow: GET, POST, DELETE\r\n/s },
  ],
  ["an ask for what was never sent", joins, asksAfter("?after=1")],
  ["an ask for less than nothing", joins, asksAfter("?after=-1")],
  ["an ask for half a message", joins, asksAfter("?after=0.5")],
  ["an ask after no number", joins, asksAfter("?after=x")],
  ["an ask that does not say after what", joins, asksAfter("")],
  [
    "a body that is announced too long",
    { say: request("POST /poll/nobody", [`Content-Length: ${tooLong}`]), hear: /^HTTP\/1\.1 413 / },
  ],
  [
    "a body that turns out too long",
    {
      say: request(
        "POST /poll/nobody",
        ["Transfer-Encoding: chunked"],
        `${tooLong.toString(16)}\r\n${"x".repeat(tooLong)}\r\n`,
      ),
      hear: /^HTTP\/1\.1 413 /,
    },
  ],
  [
    "a body that never ends",
    { say: request("POST /poll/nobody", ["Content-Length: 5"], "abc"), hear: /^HTTP\/1\.1 408 / },
  ],
  ["a chunk without a length", { say: request("POST /poll", ["Transfer-Encoding: chunked"], "zz\r\n"), hear: / 400 / }],
];

const ws: Refusal[] = [
  ...http,
  ["a request without an upgrade", { say: request("GET /"), hear: /^HTTP\/1\.1 426 .*\r\nupgrade: websocket\r\n/is }],
  ["an upgrade without a key", { say: upgrades("/", websocket.toSpliced(2, 1)), hear: /^HTTP\/1\.1 400 / }],
  [
    "an upgrade to version 99",
    {
      say: upgrades("/", websocket.with(3, "Sec-WebSocket-Version: 99")),
      hear: /^HTTP\/1\.1 400 .*\r\nSec-WebSocket-Version: 13/s,
    },
  ],
  ["an upgrade to another protocol", { say: upgrades("/", websocket.with(1, "Upgrade: h2c")), hear: / 400 / }],
  ["an upgrade on a wrong path", { say: upgrades("/chat"), hear: /^HTTP\/1\.1 400 / }],
  ["a frame without a mask", opens, { say: Buffer.from([0x81, 2, 0x68, 0x69]), hear: closing(1002) }],
  ["a reserved opcode", opens, { say: Buffer.from([0x83, 0x80, 0, 0, 0, 0]), hear: closing(1002) }],
  ["text that is no UTF-8", opens, { say: frame("text", Buffer.from([0xc3, 0x28])), hear: closing(1007) }],
  [
    "a frame that is announced too long",
    opens,
    { say: Buffer.from([0x82, 0xfe, tooLong >> 8, tooLong & 255, 0, 0, 0, 0]), hear: closing(1009) },
  ],
];

const socketIo: Refusal[] = [
  ...http,
  ["a request without an upgrade", { say: request("GET /"), hear: /^HTTP\/1\.1 426 .*\r\nupgrade: websocket\r\n/is }],
  [
    "Engine.IO by polling",
    { say: request("GET /socket.io/?EIO=4&transport=polling"), hear: /^HTTP\/1\.1 400 .*Transport unknown/s },
  ],
  // Engine.IO upgrades before it refuses, so that its answer comes inside the WebSocket: odd, but an end.
  [
    "an Engine.IO version that does not exist",
    { say: engine("EIO=9&transport=websocket"), hear: /400 Bad Request\r\n.*Unsupported protocol version$/s },
  ],
  ["an Engine.IO session of nobody", { say: engine("EIO=4&transport=websocket&sid=nobody"), hear: /^HTTP\/1\.1 400 / }],
  ["an upgrade on a wrong path", { say: upgrades("/chat"), hear: /^$/ }],
  ["a client that joins no namespace", { ...handshake, hear: closing() }, closes],
  ["a namespace that does not exist", handshake, { say: frame("text", "40/admin,"), hear: closing() }, closes],
  ["a packet that is none", handshake, enters, { say: frame("text", "4nonsense"), hear: closing() }, closes],
  ["an event before it has joined", handshake, { say: frame("text", '42["chat","early"]'), hear: closing() }, closes],
  ...["7", "null", '{"a":1}', "[]"].map((argument): Refusal => [
    `an event with ${argument} for a payload`,
    handshake,
    enters,
    { say: frame("text", `42["chat",${argument}]`), hear: closing() },
    closes,
  ]),
];

const enginePoll = "/socket.io/?EIO=4&transport=polling";
const opensByPolling: Turn = { say: request(`GET ${enginePoll}`, []), hear: /"sid":"[^"]*".*\}$/ };
const postsToIt = (body: string, method = "POST"): Turn["say"] => {
  const headers = ["Connection: close", `Content-Length: ${body.length}`];
  return (opened) => request(`${method} ${enginePoll}&sid=${/"sid":"([^"]*)"/.exec(opened)?.[1]}`, headers, body);
};

const socketIoPolled: Refusal[] = [
  ["a path that does not exist", { say: request("GET /etc/passwd"), hear: /^HTTP\/1\.1 404 / }],
  [
    "a transport that does not exist",
    { say: request("GET /socket.io/?EIO=4&transport=pigeon"), hear: / 400 .*Transport unknown/s },
  ],
  [
    "an Engine.IO version that does not exist",
    { say: request("GET /socket.io/?EIO=9&transport=polling"), hear: / 400 .*Unsupported protocol version/s },
  ],
  ["an ask of nobody", { say: request(`GET ${enginePoll}&sid=nobody`), hear: / 400 .*Session ID unknown/s }],
  ["a send of nobody", { say: request(`POST ${enginePoll}&sid=nobody`), hear: / 400 .*Session ID unknown/s }],
  ["a session opened by a send", { say: request(`POST ${enginePoll}`), hear: / 400 .*Bad handshake method/s }],
  ["a wrong method on a session", opensByPolling, { say: postsToIt("", "PUT"), hear: /^HTTP\/1\.1 500 / }],
  ["a packet that is none", opensByPolling, { say: postsToIt("nonsense"), hear: /^HTTP\/1\.1 200 .*ok$/s }],
  [
    "a body too long for any payload",
    opensByPolling,
    { say: postsToIt("4".repeat(6 * maxPayloadBytes + 65)), hear: /^HTTP\/1\.1 413 / },
  ],
];

const tcp: Refusal[] = [
  ["a giant length", { say: Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]), hear: /^$/ }],
  ["a length of one byte too many", { say: Buffer.from([0, 0, tooLong >> 8, tooLong & 255]), hear: /^$/ }],
  ["HTTP", { say: request("GET /"), hear: /^$/ }],
];

const tcpLines: Refusal[] = [
  ["a line of one byte too many", { say: `${"x".repeat(tooLong)}\n`, hear: /^$/ }],
  ["a line that never ends", { say: "x".repeat(tooLong + 1), hear: /^$/ }],
  ["an escaped line that never ends", { say: `\x10b${"x".repeat(2 * tooLong)}`, hear: /^$/ }],
  ["an escaped line of one byte too many", { say: `\x10t${"\\n".repeat(tooLong)}\n`, hear: /^$/ }],
  ["an escaped line of a kind that does not exist", { say: "\x10xhello\n", hear: /^$/ }],
  ["an escape that does not exist", { say: "\x10t\\x41\n", hear: /^$/ }],
];

/** A client of MQTT 3.1.1 says who it is. Its session is clean (flag 2) unless other flags say otherwise. */
const mqttConnects = (flags = 2, level = 4, properties: readonly number[] = []): Buffer => {
  const rest = [0, 4, ...Buffer.from("MQTT"), level, flags, 0, 0, ...properties, 0, 3, ...Buffer.from("bob")];
  return Buffer.from([0x10, rest.length, ...rest]);
};
/** What a broker answers: 0 where it takes the client. */
const mqttAnswers = (code: number): RegExp => new RegExp(`^${String.fromCharCode(0x20, 2, 0, code)}$`);
const connected: Turn = { say: mqttConnects(), hear: mqttAnswers(0) };
const publishes = (topic: string, retained = 0): Buffer =>
  Buffer.concat([Buffer.from([0x30 | retained, 2 + topic.length, 0, topic.length]), Buffer.from(topic)]);

const mqtt: Refusal[] = [
  ["nothing at all", { say: "", hear: /^$/ }],
  ["HTTP", { say: request("GET /"), hear: /^$/ }],
  ["a packet before a CONNECT", { say: publishes("in/bob"), hear: /^$/ }],
  ["a second CONNECT", connected, { say: mqttConnects(), hear: /^$/ }],
  ["a version that does not exist", { say: mqttConnects(2, 9), hear: /^$/ }],
  ["MQTT 5, which it is not", { say: mqttConnects(2, 5, [0]), hear: mqttAnswers(1) }],
  ["a session that is to outlive its connection", { say: mqttConnects(0), hear: /^$/ }],
  ["a packet of a type that does not exist", connected, { say: Buffer.from([0xf0, 0]), hear: /^$/ }],
  ["a message on a topic of nobody's", connected, { say: publishes("chat/1"), hear: /^$/ }],
  ["a message that is to be kept", connected, { say: publishes("in/bob", 1), hear: /^$/ }],
  ["a packet that is announced too long", connected, { say: Buffer.from([0x30, 0x80, 0x80, 0x80, 0x7f]), hear: /^$/ }],
];

const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** What an HTTP/2 server says first, unasked: empty SETTINGS (RFC 9113, section 3.4). */
const settingsFirst = new RegExp(`^${String.fromCharCode(0, 0, 0, 4, 0)}`);

const grpc: Refusal[] = [
  ["nothing at all", { say: "", hear: settingsFirst }],
  ["HTTP/1.1", { say: request("GET /"), hear: settingsFirst }],
  ["what begins like HTTP/2 and goes on otherwise", { say: `${http2Preface}GET / HTTP/1.1\r\n`, hear: settingsFirst }],
  ["who connects and calls nothing", { say: `${http2Preface}\0\0\0\x04\0\0\0\0\0`, hear: settingsFirst }],
];

/** All refusals, by transport. */
export const refusals = {
  "short-poll": polling,
  "long-poll": polling,
  ws,
  "socket.io": socketIo,
  "socket.io-polling": socketIoPolled,
  "socket.io-default": [
    ...socketIoPolled,
    ["an upgrade of nobody's session", { say: engine("EIO=4&transport=websocket&sid=nobody"), hear: / 400 / }],
  ] satisfies Refusal[],
  tcp,
  "tcp-lines": tcpLines,
  mqtt,
  grpc,
};
