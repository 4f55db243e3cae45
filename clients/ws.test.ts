import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connect, Connection } from "../scenarios/contract.ts";
import { transports } from "../scenarios/transports.ts";
import {
  acceptResponse,
  framesOf,
  openRawWebSocketServer,
  upgradeRequestOf,
  type RawWebSocketServer,
  type RawFrame,
} from "./lib/testing/raw-websocket-server.ts";
import lean from "./ws.ts";
import library from "./ws-library.ts";
import { optionsFor } from "../scenarios/transports/load-transport.ts";
import { until } from "../scenarios/lib/until.ts";

const options = optionsFor(transports.ws, { handshakeMs: 300, maxPayloadBytes: 1_000 });

let server: RawWebSocketServer;
let connection: Connection | undefined;

beforeEach(async () => {
  connection = undefined;
  server = await openRawWebSocketServer();
});
afterEach(() => {
  connection?.close();
  server.close();
});

/** A client that is connecting, with its messages and the calls of closed(). */
function connecting(connect: Connect) {
  const messages: [string, boolean][] = [];
  const ended: (Error | undefined)[] = [];
  const handler = {
    receive: (payload: Buffer, text: boolean) => void messages.push([payload.toString("latin1"), text]),
    closed: (error?: Error) => void ended.push(error),
  };
  const ready = connect(server.address, handler, options).then((opened) => (connection = opened));
  ready.catch(() => undefined);
  return { ready, messages, ended };
}

/** A connected client. */
async function connected(connect: Connect) {
  const client = connecting(connect);
  server.send(acceptResponse(await upgradeRequestOf(server)));
  await client.ready;
  return client;
}

/** A frame of the server with a payload of at most 125 bytes. */
const frame = (first: number, payload: string | Buffer = ""): Buffer =>
  Buffer.concat([Buffer.from([first, Buffer.from(payload).length]), Buffer.from(payload)]);

const closeOf = (code: number): RawFrame => ["8882", code.toString(16).padStart(4, "0")];
const closeFrame = (code: number, reason = ""): Buffer =>
  frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

describe.each([
  ["ws", lean],
  ["ws-library", library],
])("%s", (_name, connect) => {
  it.each<[name: string, change: (lines: string[]) => string[]]>([
    ["another status", (lines) => lines.with(0, "HTTP/1.1 200 OK")],
    ["a refusal", (lines) => lines.with(0, "HTTP/1.1 403 Forbidden")],
    ["no HTTP", (lines) => lines.with(0, "RFB 003.008")],
    ["no Upgrade", (lines) => lines.toSpliced(1, 1)],
    ["another Upgrade", (lines) => lines.with(1, "Upgrade: h2c")],
    ["no Connection", (lines) => lines.toSpliced(2, 1)],
    ["another Connection", (lines) => lines.with(2, "Connection: keep-alive")],
    ["no accept value", (lines) => lines.toSpliced(3, 1)],
    ["a wrong accept value", (lines) => lines.with(3, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")],
    ["an extension", (lines) => [...lines, "Sec-WebSocket-Extensions: permessage-deflate"]],
    ["a subprotocol", (lines) => [...lines, "Sec-WebSocket-Protocol: chat"]],
    ["a line that is no header", (lines) => [...lines, "not a header"]],
    ["a head of 17 KiB", (lines) => [...lines, `X: ${"x".repeat(17 * 1024)}`]],
  ])("does not connect to a server whose handshake has %s", async (_case, change) => {
    const client = connecting(connect);
    server.send(acceptResponse(await upgradeRequestOf(server), change));
    await expect(client.ready).rejects.toThrow(Error);
    await until(server.ended, "the client has disconnected");
    expect(client.ended).toEqual([]);
  });

  it.each<[name: string, act: () => void]>([
    ["ends the connection during the handshake", () => server.end()],
    ["resets the connection during the handshake", () => server.reset()],
    ["sends no response", () => undefined],
    ["sends half a response", () => server.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: ")],
  ])("does not connect to a server that %s", async (_case, act) => {
    const client = connecting(connect);
    await upgradeRequestOf(server);
    act();
    await expect(client.ready).rejects.toThrow(Error);
    expect(client.ended).toEqual([]);
  });

  it("accepts a handshake in other case, in pieces and with more headers, and the frames behind it", async () => {
    const client = connecting(connect);
    const response = acceptResponse(await upgradeRequestOf(server), ([status, upgrade, upgrades, accept]) => [
      status!.replace(" Switching Protocols", " Any Phrase"),
      "Date: Sun, 06 Nov 1994 08:49:37 GMT",
      upgrade!.toLowerCase().replace("websocket", "WebSocket"),
      upgrades!.replace("Connection: ", "connection:keep-alive, "),
      accept!.replace("Accept", "accept"),
    ]);
    for (const piece of [response.slice(0, 1), response.slice(1, -3), response.slice(-3, -1)]) {
      server.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    server.send(Buffer.concat([Buffer.from(response.slice(-1)), frame(0x81, "first"), frame(0x82, "second")]));
    await client.ready;
    await until(() => client.messages.length === 2, "both messages have arrived");
    expect(client.messages).toEqual([
      ["first", true],
      ["second", false],
    ]);
  });

  it.each<[name: string, bytes: Buffer, code: number]>([
    ["a masked frame", Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]), 1002],
    ["a reserved bit", frame(0xc1, "x"), 1002],
    ["a reserved opcode", frame(0x83, "x"), 1002],
    ["a fragmented ping", frame(0x09, "x"), 1002],
    ["a ping of 126 bytes", Buffer.from([0x89, 126, 0, 126]), 1002],
    ["a continuation frame without a message", frame(0x80, "x"), 1002],
    ["a message between the fragments of another", Buffer.concat([frame(0x01, "x"), frame(0x81, "y")]), 1002],
    ["a message of one byte too many", Buffer.from([0x82, 126, 0x03, 0xe9]), 1009],
    ["a length with the top bit set", Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 5]), 1009],
    ["text that is not UTF-8", frame(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ["half a character at the end", frame(0x81, Buffer.from([0xc3])), 1007],
    ["a close frame of one byte", frame(0x88, "x"), 1002],
    ["a close frame with the code 1005", closeFrame(1005), 1002],
    ["a close frame whose reason is not UTF-8", Buffer.from([0x88, 4, 3, 232, 0xc3, 0x28]), 1007],
  ])("answers %s with the close code for it, and ends with an error", async (_case, bytes, code) => {
    const client = await connected(connect);
    server.send(Buffer.concat([frame(0x81, "valid"), bytes, frame(0x81, "not read")]));
    await until(server.ended, "the client has ended the connection");
    connection!.send(Buffer.from("too late"), true);
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(framesOf(server.received())).toEqual([closeOf(code)]);
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(client.messages).toEqual([["valid", true]]);
  });

  it("reassembles a fragmented message, and answers a ping between its fragments with the same payload", async () => {
    const client = await connected(connect);
    for (const each of [frame(0x01, "déj"), frame(0x89, "are you there?"), frame(0x00), frame(0x80, "à")])
      server.send(each);
    await until(
      () => client.messages.length > 0 && framesOf(server.received()).length > 0,
      "message and pong have arrived",
    );
    expect(framesOf(server.received())).toEqual([["8a8e", Buffer.from("are you there?").toString("hex")]]);
    expect(client.messages).toEqual([[Buffer.from("déjà").toString("latin1"), true]]);
  });

  const says = "the server closed the connection with code";
  it.each<[name: string, bytes: Buffer, expected: RawFrame, error?: Error]>([
    ["of a normal closure", closeFrame(1000, "bye"), ["8885", "03e8627965"]],
    ["without a payload", frame(0x88), ["8880", ""]],
    ["with another code", closeFrame(1001), closeOf(1001), new Error(`${says} 1001`)],
    ["with a reason", closeFrame(1008, "no\nway"), ["8888", "03f06e6f0a776179"], new Error(`${says} 1008: no way`)],
  ])("answers a close frame %s with the same, and ends with what it says", async (_case, bytes, expected, error) => {
    const client = await connected(connect);
    server.send(bytes);
    await until(server.ended, "the client has ended the connection");
    expect(framesOf(server.received())).toEqual([expected]);
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([error]);
  });

  it("sends its close frame last, receives messages until the server's, and ends without an error", async () => {
    const client = await connected(connect);
    connection!.send(Buffer.from("one"), true);
    connection!.send(Buffer.from("two"), false);
    connection!.close();
    connection!.close();
    connection!.send(Buffer.from("three"), true);
    await until(() => framesOf(server.received()).length === 3, "the close frame has arrived");
    server.send(Buffer.concat([frame(0x89, "?"), frame(0x81, "crossing"), closeFrame(1000)]));
    await until(server.ended, "the client has ended the connection");
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(framesOf(server.received())).toEqual([["8183", "6f6e65"], ["8283", "74776f"], closeOf(1000)]);
    expect(client.messages).toEqual([["crossing", true]]);
    expect(client.ended).toEqual([undefined]);
  });

  it.each<[name: string, act: () => void]>([
    ["breaks", () => server.reset()],
    ["ends without a close frame", () => server.end()],
    [
      "ends within a frame",
      () => {
        server.send(frame(0x81, "x").subarray(0, 2));
        server.end();
      },
    ],
  ])("calls closed() once, with an error, when the connection %s", async (_case, act) => {
    const client = await connected(connect);
    act();
    await until(() => client.ended.length > 0, "closed() is called");
    await until(server.ended, "the client has ended the connection");
    expect(client.ended).toEqual([expect.any(Error)]);
  });
});

it("refuses a length in more bytes than necessary, which the library accepts", async () => {
  const client = await connected(lean);
  server.send(Buffer.from([0x81, 126, 0, 1, 0x61]));
  await until(server.ended, "the client has ended the connection");
  expect([framesOf(server.received()), client.messages]).toEqual([[closeOf(1002)], []]);
});

it("waits for the server's close frame as long as for a handshake; the library waits for 30 s", async () => {
  const client = await connected(lean);
  connection!.close();
  await until(() => client.ended.length > 0, "closed() is called");
  expect(client.ended).toEqual([expect.any(Error)]);
  await until(server.ended, "the client has disconnected");
});

describe("the lean client's patience is exactly handshakeMs", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  /** Lets input and output of both ends happen. */
  const rounds = async (done: () => boolean = () => false): Promise<void> => {
    for (let round = 0; round < 200 && !done(); round++) await nextRound();
  };

  it("for the response to its handshake, and for the close frame of the server", async () => {
    const refused = connecting(lean);
    let failure: Error | undefined;
    refused.ready.catch((error: Error) => (failure = error));
    await rounds(() => server.received().includes("\r\n\r\n"));
    vi.advanceTimersByTime(299);
    await rounds();
    expect(failure).toBeUndefined();
    vi.advanceTimersByTime(1);
    await rounds(() => failure !== undefined);
    expect(failure?.message).toBe("no response to the handshake within 300 ms");

    server.close();
    server = await openRawWebSocketServer();
    const client = connecting(lean);
    await rounds(() => server.received().includes("\r\n\r\n"));
    server.send(acceptResponse(server.received().toString("latin1")));
    (await client.ready).close();
    vi.advanceTimersByTime(299);
    await rounds();
    expect(client.ended).toEqual([]);
    vi.advanceTimersByTime(1);
    await rounds(() => client.ended.length > 0);
    expect(client.ended).toEqual([expect.any(Error)]);
  });
});
