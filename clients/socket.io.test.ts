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

let peer: RawWebSocketServer;
let connection: Connection | undefined;

beforeEach(async () => {
  connection = undefined;
  peer = await openRawWebSocketServer();
});
afterEach(() => {
  connection?.close();
  peer.close();
});

/** A client that is connecting, and all that it is told. */
function connecting(connect: Connect) {
  const got: [string, boolean][] = [];
  const ended: (Error | undefined)[] = [];
  const handler = {
    receive: (payload: Buffer, text: boolean) => void got.push([payload.toString(), text]),
    closed: (error?: Error) => void ended.push(error),
  };
  const ready = connect(peer.address, handler, options).then((opened) => (connection = opened));
  ready.catch(() => undefined);
  return { ready, got, ended };
}

const opening = { sid: "x", upgrades: [], pingInterval: 60_000, pingTimeout: 60_000, maxPayload: 1_000 };

/** A client that has joined. */
async function joined(connect: Connect, changes: object = {}) {
  const client = connecting(connect);
  peer.send(acceptResponse(await upgradeRequestOf(peer)));
  say(`0${JSON.stringify({ ...opening, ...changes })}`);
  await until(() => framesOf(peer.received()).length > 0, "the client asks to be let in");
  say('40{"sid":"y"}');
  await client.ready;
  return client;
}

/** Says a packet in a text frame, or bytes in a binary one. */
function say(packet: string | Buffer): void {
  const payload = Buffer.from(packet);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  peer.send(Buffer.concat([Buffer.from([typeof packet === "string" ? 0x81 : 0x82, ...length]), payload]));
}

/** What the client has said in text frames, and "goodbye" for a close frame. */
const received = (): string[] =>
  framesOf(peer.received()).map(([header, payload]: RawFrame) =>
    header.startsWith("88") ? "goodbye" : Buffer.from(payload, "hex").toString(),
  );

describe.each([
  ["socket.io", lean],
  ["socket.io-library", library],
])("%s", (_name, connect) => {
  it("asks to be let in, answers heartbeats, and takes texts however they are written, and Buffers", async () => {
    const client = await joined(connect);
    for (const packet of [
      '42["chat","plain"]',
      "2",
      '42["chat","\\u00e9\\ud83d\\ude80 \\"\\/\\n"]',
      ' 42[ "chat" , "spaced" ]'.trim(),
    ])
      say(packet);
    say('451-["chat",{"_placeholder":true,"num":0}]');
    say(Buffer.from("bytes"));
    await until(() => client.got.length === 4 && received().length === 2, "all has arrived");
    expect(received()).toEqual(["40", "3"]);
    expect(client.got).toEqual([
      ["plain", true],
      ['é🚀 "/\n', true],
      ["spaced", true],
      ["bytes", false],
    ]);
  });

  it("leaves with a goodbye, and has ended well", async () => {
    const client = await joined(connect);
    connection!.send(Buffer.from("é\n"), true);
    connection!.close();
    connection!.send(Buffer.from("too late"), true);
    await until(() => received().includes("goodbye"), "the client has gone");
    peer.send(Buffer.from([0x88, 0]));
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(received()).toEqual(["40", '42["chat","é\\n"]', "41", "goodbye"]);
    expect(client.ended).toEqual([undefined]);
  });

  it("has ended well when the server sends it away", async () => {
    const client = await joined(connect);
    say("41");
    await until(() => received().includes("goodbye"), "the client has gone");
    peer.send(Buffer.from([0x88, 0]));
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(client.ended).toEqual([undefined]);
  });

  it.each<[what: string, act: () => void]>([
    ["breaks", () => peer.reset()],
    ["ends", () => peer.end()],
    ["says goodbye as WebSocket, not as Socket.IO", () => peer.send(Buffer.from([0x88, 0]))],
    ["sends what is no packet", () => say("4nonsense")],
    [
      "announces a Buffer and sends a text",
      () => ['451-["chat",{"_placeholder":true,"num":0}]', '42["chat","x"]'].forEach(say),
    ],
    ["sends a Buffer that it has not announced", () => say(Buffer.from("x"))],
  ])("is told once, with an error, when the server %s", async (_what, act) => {
    const client = await joined(connect);
    act();
    await until(() => peer.ended() || received().includes("goodbye"), "the client has ended the connection");
    peer.send(Buffer.from([0x88, 0]));
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect(client.ended).toEqual([expect.any(Error)]);
  });

  it("is told, with an error, when the server has sent no heartbeat for as long as it said that it would take", async () => {
    const client = await joined(connect, { pingInterval: 40, pingTimeout: 20 });
    say("2");
    await until(() => client.ended.length > 0, "the client is told");
    peer.end();
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(received().slice(0, 2)).toEqual(["40", "3"]);
  });

  it("does not connect where it is not let in", async () => {
    const client = connecting(connect);
    peer.send(acceptResponse(await upgradeRequestOf(peer)));
    say(`0${JSON.stringify(opening)}`);
    await until(() => received().length > 0, "the client asks to be let in");
    say('44{"message":"members only"}');
    await expect(client.ready).rejects.toThrow("members only");
    expect(client.ended).toEqual([]);
  });
});

describe("socket.io, which is stricter than the library,", () => {
  it.each([
    ["nothing", []],
    ["no handshake", ['40{"sid":"y"}']],
    ["a handshake without a session", ['0{"upgrades":[],"pingInterval":1,"pingTimeout":1}']],
    ["a handshake without heartbeats", ['0{"sid":"x","upgrades":[]}']],
    ["a handshake whose heartbeats are no times", ['0{"sid":"x","upgrades":[],"pingInterval":-1,"pingTimeout":2}']],
    ["a handshake that is no JSON", ['0{"sid":']],
    ["an entrance without a name", [`0${JSON.stringify(opening)}`, "40{}"]],
    ["an event before the entrance", [`0${JSON.stringify(opening)}`, '42["chat","early"]']],
  ])("does not connect to a server that says %s", async (_what, said) => {
    const client = connecting(lean);
    peer.send(acceptResponse(await upgradeRequestOf(peer)));
    for (const packet of said) say(packet);
    await until(peer.ended, "the client has ended the connection");
    peer.end();
    await expect(client.ready).rejects.toThrow(Error);
    expect(client.ended).toEqual([]);
  });

  it.each([
    ["another event", '42["news","x"]'],
    ["an event that wants an answer", '421["chat","x"]'],
    ["an event of another namespace", '42/admin,["chat","x"]'],
    ["two texts in one event", '42["chat","x","y"]'],
    ["a number for a text", '42["chat",1]'],
    ["a text of one byte too many", `42["chat","${"x".repeat(1_001)}"]`],
  ])("refuses %s, and has nothing after it", async (_what, packet) => {
    const client = await joined(lean);
    say(packet);
    say('42["chat","not read any more"]');
    await until(peer.ended, "the client has ended the connection");
    peer.end();
    await until(() => client.ended.length > 0, "the client is told");
    expect([client.got, client.ended]).toEqual([[], [expect.any(Error)]]);
    expect(received()).toEqual(["40", "goodbye"]);
  });
});
