import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

let peer: RawWebSocketServer;
let link: Connection | undefined;

beforeEach(async () => {
  link = undefined;
  peer = await openRawWebSocketServer();
});
afterEach(() => {
  link?.close();
  peer.close();
});

/** A client that is connecting, and all that it is told. */
function connecting(connect: Connect) {
  const got: [string, boolean][] = [];
  const ended: (Error | undefined)[] = [];
  const handler = {
    receive: (payload: Buffer, text: boolean) => void got.push([payload.toString("latin1"), text]),
    closed: (error?: Error) => void ended.push(error),
  };
  const ready = connect(peer.address, handler, options).then((opened) => (link = opened));
  ready.catch(() => undefined);
  return { ready, got, ended };
}

/** A client that is connected. */
async function connected(connect: Connect) {
  const client = connecting(connect);
  peer.send(acceptResponse(await upgradeRequestOf(peer)));
  await client.ready;
  return client;
}

/** A frame of the server with a payload of at most 125 bytes. */
const frame = (first: number, payload: string | Buffer = ""): Buffer =>
  Buffer.concat([Buffer.from([first, Buffer.from(payload).length]), Buffer.from(payload)]);

const goodbye = (code: number): RawFrame => ["8882", code.toString(16).padStart(4, "0")];
const goodbyeFrame = (code: number, reason = ""): Buffer =>
  frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

describe.each([
  ["ws", lean],
  ["ws-library", library],
])("%s", (_name, connect) => {
  it.each<[what: string, change: (lines: string[]) => string[]]>([
    ["another status", (lines) => lines.with(0, "HTTP/1.1 200 OK")],
    ["a refusal", (lines) => lines.with(0, "HTTP/1.1 403 Forbidden")],
    ["no HTTP", (lines) => lines.with(0, "RFB 003.008")],
    ["no Upgrade", (lines) => lines.toSpliced(1, 1)],
    ["another Upgrade", (lines) => lines.with(1, "Upgrade: h2c")],
    ["no Connection", (lines) => lines.toSpliced(2, 1)],
    ["another Connection", (lines) => lines.with(2, "Connection: keep-alive")],
    ["no key's answer", (lines) => lines.toSpliced(3, 1)],
    ["a wrong key's answer", (lines) => lines.with(3, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")],
    ["an extension", (lines) => [...lines, "Sec-WebSocket-Extensions: permessage-deflate"]],
    ["a subprotocol", (lines) => [...lines, "Sec-WebSocket-Protocol: chat"]],
    ["a line that is no header", (lines) => [...lines, "what is this"]],
    ["a head of 17 KiB", (lines) => [...lines, `X: ${"x".repeat(17 * 1024)}`]],
  ])("does not connect to a server whose handshake has %s", async (_what, change) => {
    const client = connecting(connect);
    peer.send(acceptResponse(await upgradeRequestOf(peer), change));
    await expect(client.ready).rejects.toThrow(Error);
    await until(peer.ended, "the client has gone");
    expect(client.ended).toEqual([]);
  });

  it.each<[what: string, act: () => void]>([
    ["closes within the handshake", () => peer.end()],
    ["breaks off the handshake", () => peer.reset()],
    ["never answers", () => undefined],
    ["never ends its answer", () => peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: ")],
  ])("does not connect to a server that %s", async (_what, act) => {
    const client = connecting(connect);
    await upgradeRequestOf(peer);
    act();
    await expect(client.ready).rejects.toThrow(Error);
    expect(client.ended).toEqual([]);
  });

  it("takes a handshake in other letters, in pieces and with more headers, and the frames that come with it", async () => {
    const client = connecting(connect);
    const answer = acceptResponse(await upgradeRequestOf(peer), ([status, upgrade, connection, accept]) => [
      status!.replace(" Switching Protocols", " Whatever you say"),
      "Date: Sun, 06 Nov 1994 08:49:37 GMT",
      upgrade!.toLowerCase().replace("websocket", "WebSocket"),
      connection!.replace("Connection: ", "connection:keep-alive, "),
      accept!.replace("Accept", "accept"),
    ]);
    for (const piece of [answer.slice(0, 1), answer.slice(1, -3), answer.slice(-3, -1)]) {
      peer.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    peer.send(Buffer.concat([Buffer.from(answer.slice(-1)), frame(0x81, "first"), frame(0x82, "second")]));
    await client.ready;
    await until(() => client.got.length === 2, "both messages are there");
    expect(client.got).toEqual([
      ["first", true],
      ["second", false],
    ]);
  });

  it.each<[what: string, said: Buffer, code: number]>([
    ["a masked frame", Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]), 1002],
    ["a reserved bit", frame(0xc1, "x"), 1002],
    ["a reserved opcode", frame(0x83, "x"), 1002],
    ["a ping in fragments", frame(0x09, "x"), 1002],
    ["a ping of 126 bytes", Buffer.from([0x89, 126, 0, 126]), 1002],
    ["a continuation of nothing", frame(0x80, "x"), 1002],
    ["a message within one in fragments", Buffer.concat([frame(0x01, "x"), frame(0x81, "y")]), 1002],
    ["a message of one byte too many", Buffer.from([0x82, 126, 0x03, 0xe9]), 1009],
    ["a length with the top bit set", Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 5]), 1009],
    ["text that is no UTF-8", frame(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ["half a character at the end", frame(0x81, Buffer.from([0xc3])), 1007],
    ["a goodbye of one byte", frame(0x88, "x"), 1002],
    ["a goodbye with the code 1005", goodbyeFrame(1005), 1002],
    ["a goodbye with a reason that is no UTF-8", Buffer.from([0x88, 4, 3, 232, 0xc3, 0x28]), 1007],
  ])("answers %s with the code that says why, and ends", async (_what, said, code) => {
    const client = await connected(connect);
    peer.send(Buffer.concat([frame(0x81, "sound"), said, frame(0x81, "not read any more")]));
    await until(peer.ended, "the client has ended the connection");
    expect(framesOf(peer.received())).toEqual([goodbye(code)]);
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(client.got).toEqual([["sound", true]]);
    link!.send(Buffer.from("too late"), true);
    expect(framesOf(peer.received())).toEqual([goodbye(code)]);
  });

  it("puts a message in fragments together, and answers a ping in between with its own payload", async () => {
    const client = await connected(connect);
    for (const each of [frame(0x01, "déj"), frame(0x89, "are you there?"), frame(0x00), frame(0x80, "à")])
      peer.send(each);
    await until(() => client.got.length > 0 && framesOf(peer.received()).length > 0, "message and pong have come");
    expect(framesOf(peer.received())).toEqual([["8a8e", Buffer.from("are you there?").toString("hex")]]);
    expect(client.got).toEqual([[Buffer.from("déjà").toString("latin1"), true]]);
  });

  it.each<[what: string, said: Buffer, answer: RawFrame]>([
    ["with a code", goodbyeFrame(1001), goodbye(1001)],
    ["with a code and a reason", goodbyeFrame(1000, "bye"), ["8885", "03e8627965"]],
    ["with nothing", frame(0x88), ["8880", ""]],
  ])("answers a goodbye %s with the same, and has ended well", async (_what, said, answer) => {
    const client = await connected(connect);
    peer.send(said);
    await until(peer.ended, "the client has ended the connection");
    expect(framesOf(peer.received())).toEqual([answer]);
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(client.ended).toEqual([undefined]);
  });

  it("says goodbye after what it has sent, waits for the answer, takes what comes before it, and has ended well", async () => {
    const client = await connected(connect);
    link!.send(Buffer.from("one"), true);
    link!.send(Buffer.from("two"), false);
    link!.close();
    link!.close();
    link!.send(Buffer.from("three"), true);
    await until(() => framesOf(peer.received()).length === 3, "the goodbye has come");
    peer.send(Buffer.concat([frame(0x89, "?"), frame(0x81, "crossing"), goodbyeFrame(1000)]));
    await until(peer.ended, "the client has ended the connection");
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(framesOf(peer.received())).toEqual([["8183", "6f6e65"], ["8283", "74776f"], goodbye(1000)]);
    expect(client.got).toEqual([["crossing", true]]);
    expect(client.ended).toEqual([undefined]);
  });

  it.each<[what: string, act: () => void]>([
    ["breaks", () => peer.reset()],
    ["ends without a goodbye", () => peer.end()],
    [
      "ends within a frame",
      () => {
        peer.send(frame(0x81, "x").subarray(0, 2));
        peer.end();
      },
    ],
  ])("is told once, with an error, when the connection %s", async (_what, act) => {
    const client = await connected(connect);
    act();
    await until(() => client.ended.length > 0, "the client is told");
    await until(peer.ended, "the client has ended the connection");
    expect(client.ended).toEqual([expect.any(Error)]);
  });
});

it("refuses a length in more bytes than it takes, which the library lets pass", async () => {
  const client = await connected(lean);
  peer.send(Buffer.from([0x81, 126, 0, 1, 0x61]));
  await until(peer.ended, "the client has ended the connection");
  expect([framesOf(peer.received()), client.got]).toEqual([[goodbye(1002)], []]);
});

it("waits for the answer to its goodbye no longer than for a handshake, while the library waits for 30 s", async () => {
  const client = await connected(lean);
  link!.close();
  await until(() => client.ended.length > 0, "the client is told");
  expect(client.ended).toEqual([expect.any(Error)]);
  await until(peer.ended, "the client has gone");
});
