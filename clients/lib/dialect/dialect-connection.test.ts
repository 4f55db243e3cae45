import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { Connection, ConnectionHandler } from "../../../scenarios/contract.ts";
import type { Dialect } from "../../../scenarios/lib/dialect.ts";
import { plainDialect } from "../testing/plain-dialect.ts";
import { until } from "../../../scenarios/lib/until.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import connectWs from "../../ws.ts";
import connectTcp from "../../tcp.ts";
import { withDialect } from "./connect.ts";

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((each) => each.close()));

/** A WebSocket server that calls back for each connection and message, and a client of a dialect at it. */
async function atServer(
  dialect: Partial<Dialect>,
  greet: (send: (text: string) => void) => void,
  answer: (text: string, send: (text: string) => void) => void,
  changes: Partial<typeof defaultOptions> = {},
) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  open.push(server);
  const heardByServer: string[] = [];
  server.on("connection", (socket) => {
    const send = (text: string): void => socket.send(text);
    socket.on("message", (data: Buffer) => {
      heardByServer.push(data.toString());
      answer(data.toString(), send);
    });
    greet(send);
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const received: string[] = [];
  const receivedBytes: (number | undefined)[] = [];
  const handler: ConnectionHandler = {
    receive(payload, _text, bytes) {
      received.push(payload.toString());
      receivedBytes.push(bytes);
    },
    closed: () => undefined,
  };
  const { port } = server.address() as AddressInfo;
  const address = { host: "127.0.0.1", port, values: { room: 'r"1', client: "7" } };
  const connect = withDialect(connectWs, { ...plainDialect, ...dialect });
  const connecting = connect(address, handler, { ...defaultOptions, ...changes });
  connecting.then(
    (connection) => open.push(connection),
    () => undefined,
  );
  return { connecting, received, receivedBytes, heardByServer };
}

const joining = { send: '{"join":"{{room}}"}', until: { path: "joined" }, refused: { path: "error" } };

describe("entering", () => {
  it("takes its steps in order, waits for each answer, and ignores what comes between", async () => {
    const { connecting, heardByServer, received } = await atServer(
      { enter: [{ until: { contains: "welcome" } }, joining, { send: "ready {{client}}" }] },
      (send) => ["noise", "welcome", "more noise"].forEach(send),
      (text, send) => text.includes("join") && send('{"joined":true}'),
    );
    await connecting;
    await until(() => heardByServer.length === 2, "both steps have arrived");
    expect(heardByServer).toEqual([String.raw`{"join":"r\"1"}`, "ready 7"]);
    expect(received).toEqual([]);
  });

  it("fails with the step, what it waited for and what came instead", async () => {
    const { connecting } = await atServer(
      { enter: [joining] },
      () => undefined,
      (_text, send) => send('{"status":"waiting"}'),
      { handshakeMs: 200 },
    );
    await expect(connecting).rejects.toThrow(
      'step 1 of entering failed: waited 200 ms for JSON with joined, and the last message was 20 bytes of JSON: {"status":"waiting"}',
    );
  });

  it("fails with the server's own words where it refuses", async () => {
    const { connecting } = await atServer(
      { enter: [joining] },
      () => undefined,
      (_text, send) => send('{"error":"room is full"}'),
    );
    await expect(connecting).rejects.toThrow('the server answered 24 bytes of JSON: {"error":"room is full"}');
  });
});

async function say(connection: Connection, ...texts: string[]): Promise<void> {
  for (const text of texts) connection.send(Buffer.from(text), true);
  await Promise.resolve();
}

it("a payload is said inside a template, escaped in JSON, and found again in the answer", async () => {
  const { connecting, received, heardByServer } = await atServer(
    { say: '{"from":"{{client}}","n":{{seq}},"text":"<{{text}}>"}', hear: { path: "text" } },
    () => undefined,
    (text, send) => send(text),
  );
  const texts = ['quote " and \\', "é ☕\n", "plain", "x".repeat(100_000)];
  await say(await connecting, ...texts);
  await until(() => received.length === texts.length, "all answers have come");
  expect(received).toEqual(texts.map((text) => `<${text}>`));
  expect(heardByServer.map((each) => JSON.parse(each) as unknown)).toEqual(
    texts.map((text, n) => ({ from: "7", n, text: `<${text}>` })),
  );
});

it("with match: order the n-th answer answers the n-th message, and pings are no answers", async () => {
  const { connecting, received, receivedBytes } = await atServer(
    { match: "order", answer: { ping: "pong" } },
    () => undefined,
    (text, send) => {
      if (text === "pong") return;
      send("ping");
      send("whatever");
    },
  );
  await say(await connecting, "one", "two", "three");
  await until(() => received.length === 3, "all answers have come");
  expect(received).toEqual(["one", "two", "three"]);
  expect(receivedBytes).toEqual(["whatever", "whatever", "whatever"].map(({ length }) => length));
});

it("a module may say what no file can: a signature over each text", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "dialect-")), "signed.mjs");
  writeFileSync(
    path,
    `const sign = (text) => [...text].reduce((sum, each) => sum + each.charCodeAt(0), 0);
export default {
  async enter({ send, next, values }) { send("I am " + values.client); if (String(await next()) !== "hello 7") throw new Error("not known"); },
  encode: (payload) => payload + "|" + sign(String(payload)),
  decode(message, send) { const text = String(message); if (text === "ping") return void send("pong"); return text.split("|")[0]; },
};`,
  );
  const { connecting, received, heardByServer } = await atServer(
    { module: path },
    () => undefined,
    (text, send) => {
      if (text === "I am 7") ["hello 7", "ping"].forEach(send);
      else if (text !== "pong") send(text);
    },
  );
  await say(await connecting, "abc");
  await until(() => received.length === 1, "the answer has come");
  expect(received).toEqual(["abc"]);
  expect(heardByServer).toEqual(["I am 7", "pong", "abc|294"]);
});

it("a module that is no dialect is refused in one sentence", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "dialect-")), "wrong.mjs");
  writeFileSync(path, "export default { say: () => 1 };");
  const { connecting } = await atServer(
    { module: path },
    () => undefined,
    () => undefined,
  );
  await expect(connecting).rejects.toThrow(
    /wrong\.mjs is no dialect: its default export must be an object with enter, encode, decode/,
  );
});

describe("frames of TCP", () => {
  /** A server that answers each chunk by these chunks. */
  async function serve(greeting: string, chunksFor: (chunk: Buffer) => readonly Buffer[]): Promise<Server> {
    const server = createServer((socket) => {
      socket.setNoDelay(true).on("error", () => undefined);
      if (greeting) socket.write(greeting);
      socket.on("data", (chunk) => chunksFor(chunk).forEach((each) => socket.write(each)));
    });
    open.push({ close: () => server.close() });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  it.each<[string, Partial<Dialect>, string, (chunk: Buffer) => readonly Buffer[]]>([
    ["end with a text", { frame: { end: "\r\n" } }, "", (chunk) => [chunk]],
    ["have a length", { frame: { bytes: 3 } }, "", (chunk) => [chunk]],
    ["have their length in front", { frame: { lengthPrefix: 2 } }, "", (chunk) => [chunk]],
    ["arrive byte by byte", { frame: { lengthPrefix: 4 } }, "", (chunk) => [...chunk].map((byte) => Buffer.of(byte))],
    ["follow a greeting", { frame: { bytes: 3 }, greeting: true }, "hello from afar", (chunk) => [chunk]],
  ])("%s", async (_title, dialect, greeting, chunksFor) => {
    const server = await serve(greeting, chunksFor);
    const received: string[] = [];
    const handler = { receive: (payload: Buffer) => void received.push(payload.toString()), closed: () => undefined };
    const { port } = server.address() as AddressInfo;
    const connect = withDialect(connectTcp, { ...plainDialect, ...dialect });
    const connection = await connect({ host: "127.0.0.1", port }, handler, defaultOptions);
    await say(connection, "abc", "déf".slice(0, 2), "xyz");
    await until(() => received.length === 3, "all messages have come back");
    expect(received).toEqual(["abc", "dé", "xyz"]);
    connection.close();
  });

  it("after a greeting, the time for it ends nothing; a server that never greets is given up", async () => {
    const greeted = withDialect(connectTcp, { ...plainDialect, frame: { bytes: 3 }, greeting: true });
    const greetedBy = async (greeting: string, closed: (error?: Error) => void): Promise<Connection> => {
      const { port } = (await serve(greeting, (chunk) => [chunk])).address() as AddressInfo;
      const options = { ...defaultOptions, handshakeMs: 30 };
      const connection = await greeted({ host: "127.0.0.1", port }, { receive: () => undefined, closed }, options);
      open.push(connection);
      return connection;
    };
    let ends = 0;
    await greetedBy("welcome", () => ends++);
    await expect(greetedBy("", () => ends++)).rejects.toThrow("the server has not greeted within 30 ms");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ends).toBe(0);
  });

  it("that are longer than allowed end the connection", async () => {
    const server = await serve("", () => [Buffer.from([0, 1, 0, 0])]);
    const { port } = server.address() as AddressInfo;
    const connect = withDialect(connectTcp, { ...plainDialect, frame: { lengthPrefix: 4 } });
    let failure: Error | undefined;
    const handler = { receive: () => undefined, closed: (error?: Error) => void (failure = error) };
    const connection = await connect({ host: "127.0.0.1", port }, handler, {
      ...defaultOptions,
      maxPayloadBytes: 1_000,
    });
    await say(connection, "x");
    await until(() => failure !== undefined, "the connection has ended");
    expect(failure!.message).toBe("a message has 65540 bytes or more, at most 1004 are accepted");
  });
});
