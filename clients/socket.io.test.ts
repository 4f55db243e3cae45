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
import library from "./socket.io-library.ts";
import lean from "./socket.io.ts";
import { optionsFor } from "../scenarios/transports/load-transport.ts";
import { until } from "../scenarios/lib/until.ts";

const options = optionsFor(transports["socket.io"], { handshakeMs: 300, maxPayloadBytes: 1_000 });

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
    receive: (payload: Buffer, text: boolean) => void messages.push([payload.toString(), text]),
    closed: (error?: Error) => void ended.push(error),
  };
  const ready = connect(server.address, handler, options).then((opened) => (connection = opened));
  ready.catch(() => undefined);
  return { ready, messages, ended };
}

const opening = { sid: "x", upgrades: [], pingInterval: 60_000, pingTimeout: 60_000, maxPayload: 1_000 };

/** A connected client. */
async function connected(connect: Connect, changes: object = {}) {
  const client = connecting(connect);
  server.send(acceptResponse(await upgradeRequestOf(server)));
  sendPacket(`0${JSON.stringify({ ...opening, ...changes })}`);
  await until(() => framesOf(server.received()).length > 0, "the client sends its CONNECT packet");
  sendPacket('40{"sid":"y"}');
  await client.ready;
  return client;
}

/** Sends a packet in a text frame, or bytes in a binary frame. */
function sendPacket(packet: string | Buffer): void {
  const payload = Buffer.from(packet);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  server.send(Buffer.concat([Buffer.from([typeof packet === "string" ? 0x81 : 0x82, ...length]), payload]));
}

/** The text frames from the client, with "close" for a close frame. */
const received = (): string[] =>
  framesOf(server.received()).map(([header, payload]: RawFrame) =>
    header.startsWith("88") ? "close" : Buffer.from(payload, "hex").toString(),
  );

describe.each([
  ["socket.io", lean],
  ["socket.io-library", library],
])("%s", (_name, connect) => {
  it("connects, answers heartbeats, and receives Buffers and texts with any white space and escapes", async () => {
    const client = await connected(connect);
    for (const packet of [
      '42["chat","plain"]',
      "2",
      '42["chat","\\u00e9\\ud83d\\ude80 \\"\\/\\n"]',
      ' 42[ "chat" , "spaced" ]'.trim(),
    ])
      sendPacket(packet);
    sendPacket('451-["chat",{"_placeholder":true,"num":0}]');
    sendPacket(Buffer.from("bytes"));
    await until(() => client.messages.length === 4 && received().length === 2, "all has arrived");
    expect(received()).toEqual(["40", "3"]);
    expect(client.messages).toEqual([
      ["plain", true],
      ['é🚀 "/\n', true],
      ["spaced", true],
      ["bytes", false],
    ]);
  });

  it("closes with a DISCONNECT packet and a close frame, and ends without an error", async () => {
    const client = await connected(connect);
    connection!.send(Buffer.from("é\n"), true);
    connection!.close();
    connection!.send(Buffer.from("too late"), true);
    await until(() => received().includes("close"), "the client has sent its close frame");
    server.send(Buffer.from([0x88, 0]));
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(received()).toEqual(["40", '42["chat","é\\n"]', "41", "close"]);
    expect(client.ended).toEqual([undefined]);
  });

  it("ends without an error when the server disconnects it", async () => {
    const client = await connected(connect);
    sendPacket("41");
    await until(() => received().includes("close"), "the client has sent its close frame");
    server.send(Buffer.from([0x88, 0]));
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([undefined]);
  });

  it.each<[name: string, act: () => void]>([
    ["breaks the connection", () => server.reset()],
    ["ends the connection", () => server.end()],
    ["sends a close frame without a DISCONNECT packet", () => server.send(Buffer.from([0x88, 0]))],
    ["sends an invalid packet", () => sendPacket("4nonsense")],
    [
      "announces a Buffer and sends a text",
      () => ['451-["chat",{"_placeholder":true,"num":0}]', '42["chat","x"]'].forEach(sendPacket),
    ],
    ["sends a Buffer without announcing it", () => sendPacket(Buffer.from("x"))],
  ])("calls closed() once, with an error, when the server %s", async (_case, act) => {
    const client = await connected(connect);
    act();
    await until(() => server.ended() || received().includes("close"), "the client has ended the connection");
    server.send(Buffer.from([0x88, 0]));
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([expect.any(Error)]);
  });

  it("ends with an error when no heartbeat comes within the time of the handshake", async () => {
    const client = await connected(connect, { pingInterval: 40, pingTimeout: 20 });
    sendPacket("2");
    await until(() => client.ended.length > 0, "closed() is called");
    server.end();
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(received().slice(0, 2)).toEqual(["40", "3"]);
  });

  it("does not connect where the server refuses it", async () => {
    const client = connecting(connect);
    server.send(acceptResponse(await upgradeRequestOf(server)));
    sendPacket(`0${JSON.stringify(opening)}`);
    await until(() => received().length > 0, "the client sends its CONNECT packet");
    sendPacket('44{"message":"members only"}');
    await expect(client.ready).rejects.toThrow("members only");
    expect(client.ended).toEqual([]);
  });
});

describe("socket.io, which is stricter than the library", () => {
  it.each([
    ["nothing", []],
    ["no handshake", ['40{"sid":"y"}']],
    ["a handshake without a session", ['0{"upgrades":[],"pingInterval":1,"pingTimeout":1}']],
    ["a handshake without heartbeat times", ['0{"sid":"x","upgrades":[]}']],
    ["a handshake with a negative heartbeat time", ['0{"sid":"x","upgrades":[],"pingInterval":-1,"pingTimeout":2}']],
    ["a handshake that is no JSON", ['0{"sid":']],
    ["a CONNECT packet without an id", [`0${JSON.stringify(opening)}`, "40{}"]],
    ["an event before the CONNECT packet", [`0${JSON.stringify(opening)}`, '42["chat","early"]']],
  ])("does not connect to a server that sends %s", async (_case, packets) => {
    const client = connecting(lean);
    server.send(acceptResponse(await upgradeRequestOf(server)));
    for (const packet of packets) sendPacket(packet);
    await until(server.ended, "the client has ended the connection");
    server.end();
    await expect(client.ready).rejects.toThrow(Error);
    expect(client.ended).toEqual([]);
  });

  it.each([
    ["another event", '42["news","x"]'],
    ["an event that asks for an acknowledgement", '421["chat","x"]'],
    ["an event of another namespace", '42/admin,["chat","x"]'],
    ["two texts in one event", '42["chat","x","y"]'],
    ["a number instead of a text", '42["chat",1]'],
    ["a text of one byte too many", `42["chat","${"x".repeat(1_001)}"]`],
  ])("refuses %s, and reads nothing after it", async (_case, packet) => {
    const client = await connected(lean);
    sendPacket(packet);
    sendPacket('42["chat","not read"]');
    await until(server.ended, "the client has ended the connection");
    server.end();
    await until(() => client.ended.length > 0, "closed() is called");
    expect([client.messages, client.ended]).toEqual([[], [expect.any(Error)]]);
    expect(received()).toEqual(["40", "close"]);
  });
});
