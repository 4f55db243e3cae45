import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Connect, Connection, Options } from "../../../scenarios/contract.ts";
import longPollLibrary from "../../long-poll-library.ts";
import longPoll from "../../long-poll.ts";
import shortPollLibrary from "../../short-poll-library.ts";
import shortPoll from "../../short-poll.ts";
import {
  batchOf,
  response,
  openScriptedServer,
  noResponse,
  type ScriptedResponse,
  type SeenRequest,
  type ScriptedServer,
} from "../testing/scripted-http-server.ts";
import { defaultOptions } from "../../../scenarios/transports/load-transport.ts";
import { until } from "../../../scenarios/lib/until.ts";

let server: ScriptedServer;
afterEach(() => server.close());

/** A client and all that happened to it. */
interface Client extends Connection {
  got: string[];
  ended: (Error | undefined)[];
}

async function join(connect: Connect, overrides: Partial<Options> = {}): Promise<Client> {
  const got: string[] = [];
  const ended: (Error | undefined)[] = [];
  const handler = {
    receive: (payload: Buffer, text: boolean) => void got.push(`${text ? "" : "binary "}${payload.toString()}`),
    closed: (error?: Error) => void ended.push(error),
  };
  const options = { ...defaultOptions, pollIntervalMs: 10, ...overrides };
  const connection = await connect(server.address, handler, options);
  return { got, ended, send: (payload, text) => connection.send(payload, text), close: () => connection.close() };
}

const say = (client: Client, text: string): void => client.send(Buffer.from(text), true);
const asksOf = (received: readonly SeenRequest[]): SeenRequest[] =>
  received.filter(({ line }) => line.startsWith("GET "));

/** A script that lets everybody join and send, and answers the asks in turn, the last of these for ever. */
function polls(...acts: ScriptedResponse[]) {
  return ({ line }: SeenRequest, received: readonly SeenRequest[]): ScriptedResponse => {
    if (line === "POST /poll") return response(201, "ID");
    if (line.startsWith("GET ")) return acts[Math.min(asksOf(received).length, acts.length) - 1]!;
    return response(204);
  };
}

const reset: ScriptedResponse = (socket) => socket.resetAndDestroy();
const end: ScriptedResponse = (socket) => void socket.end();

describe.each<[string, Connect]>([
  ["lean", longPoll],
  ["undici", longPollLibrary],
])("a polling client (%s)", (_name, connect) => {
  it.each([
    ["reset", reset],
    ["ended", end],
    ["ended within a head", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nconten")],
    ["ended within a body", (socket: Socket) => void socket.end(batchOf("lost").slice(0, -3))],
  ])("repeats an ask once whose connection is %s, on another, and goes on", async (_how, cut) => {
    server = await openScriptedServer(polls(batchOf("one"), cut, batchOf("two"), cut, batchOf("three"), noResponse));
    const client = await join(connect);
    await until(() => client.got.length === 3, "all has come");
    await until(() => asksOf(server.requests).length === 6, "it asks on");
    expect(client.got).toEqual(["one", "two", "three"]);
    expect(asksOf(server.requests).map(({ line }) => Number(line.slice(-10)))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(asksOf(server.requests).map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(client.ended).toEqual([]);
    client.close();
  });

  it("ends the link with an error when the repeated ask is cut off too", async () => {
    server = await openScriptedServer(polls(batchOf("one"), reset));
    const client = await join(connect);
    await until(() => client.ended.length > 0, "it is told");
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(asksOf(server.requests).length).toBe(3);
  });

  it("ends the link with an error when no answer to an ask begins in time, twice", async () => {
    server = await openScriptedServer(polls(noResponse));
    const client = await join(connect, { holdMs: 20, handshakeMs: 30 });
    await until(() => client.ended.length > 0, "it is told");
    expect([client.ended, asksOf(server.requests).length]).toEqual([[expect.any(Error)], 2]);
  });

  it("sends one message after another, each when the last was taken, while an ask is held", async () => {
    const taken: (() => void)[] = [];
    server = await openScriptedServer((request, received) =>
      request.line === "POST /poll/ID"
        ? (socket) => void taken.push(() => socket.write(response(204)))
        : polls(noResponse)(request, received),
    );
    const client = await join(connect);
    const posts = (): string[] =>
      server.requests.filter(({ line }) => line === "POST /poll/ID").map(({ body }) => body);
    for (const text of ["one", "two", "three"]) say(client, text);
    for (let i = 1; i <= 3; i++) {
      await until(() => taken.length === i, `message ${i} is there`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(posts()).toEqual(["one", "two", "three"].slice(0, i));
      taken.at(-1)!();
    }
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(2);
    client.close();
  });

  it("opens a connection again that the server closed between two requests", async () => {
    server = await openScriptedServer(polls(noResponse));
    const client = await join(connect);
    const posts = (): SeenRequest[] => server.requests.filter(({ line }) => line === "POST /poll/ID");
    for (const [i, text] of ["one", "two", "three"].entries()) {
      say(client, text);
      await until(() => posts().length === i + 1, `${text} is sent`);
      const socket = server.sockets[posts().at(-1)!.connection]!;
      socket.end();
      await until(() => socket.destroyed, "the client has closed it as well");
    }
    expect(new Set(posts().map(({ connection }) => connection)).size).toBe(3);
    expect(client.ended).toEqual([]);
    client.close();
  });

  it.each(["connection: close", "keep-alive: timeout=1", "Connection: x, Close"])(
    "makes each request on a connection of its own where the server says %s",
    async (header) => {
      const closes = [header];
      server = await openScriptedServer(({ line }, received) => {
        if (line === "POST /poll") return response(201, "ID", closes);
        if (!line.startsWith("GET ")) return response(204, "", closes);
        return asksOf(received).length < 3 ? response(204, "", closes) : noResponse;
      });
      const client = await join(connect);
      for (const text of ["one", "two"]) say(client, text);
      await until(() => server.requests.length === 6, "all is asked and sent");
      expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(6);
      expect(client.ended).toEqual([]);
      client.close();
    },
  );

  it("hands on what comes in pieces, in chunks, and up to the connection's end", async () => {
    const whole = batchOf("pieces");
    const json = "content-type: application/json; charset=utf-8";
    server = await openScriptedServer(
      polls(
        (socket) => {
          socket.write(whole.slice(0, 20));
          setTimeout(() => socket.write(whole.slice(20, -5)), 5);
          setTimeout(() => socket.write(whole.slice(-5)), 10);
        },
        `HTTP/1.1 200 OK\r\n${json}\r\ntransfer-encoding: chunked\r\n\r\n4\r\n["ch\r\n7;x=y\r\nunks"]\n\r\n0\r\nX: y\r\n\r\n`,
        (socket) => void socket.end(`HTTP/1.1 200 OK\r\n${json}\r\n\r\n["end"]`),
        noResponse,
      ),
    );
    const client = await join(connect);
    await until(() => client.got.length === 3, "all has come");
    expect(client.got).toEqual(["pieces", "chunks", "end"]);
    await until(() => asksOf(server.requests).length === 4, "it asks on");
    client.close();
  });

  it("takes 410 for a goodbye, and any other status for an error", async () => {
    server = await openScriptedServer(polls(batchOf("last words"), response(410)));
    const client = await join(connect);
    await until(() => client.ended.length > 0, "it is told");
    expect([client.got, client.ended]).toEqual([["last words"], [undefined]]);
    await server.close();
    server = await openScriptedServer(polls(response(503, "sorry")));
    const other = await join(connect);
    await until(() => other.ended.length > 0, "it is told");
    expect(other.ended[0]!.message).toBe("the polling server answered 503 where 200 was due: sorry");
  });

  it.each<[string, ScriptedResponse]>([
    ["another status", response(500, "sorry")],
    ["no answer", noResponse],
    ["no HTTP", "hello\r\n\r\n"],
    ["an end", end],
  ])("does not connect where a client that joins is given %s", async (_what, act) => {
    server = await openScriptedServer(() => act);
    await expect(join(connect, { handshakeMs: 50 })).rejects.toThrow(Error);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "nothing is left open");
  });

  it("says goodbye after what was sent before, and is told when it is taken", async () => {
    server = await openScriptedServer(polls(noResponse));
    const client = await join(connect);
    for (const text of ["one", "two"]) say(client, text);
    client.close();
    say(client, "after");
    await until(() => client.ended.length > 0, "it is told");
    expect(
      server.requests.filter(({ line }) => !line.startsWith("GET ")).map(({ line, body }) => [line, body]),
    ).toEqual([
      ["POST /poll", ""],
      ["POST /poll/ID", "one"],
      ["POST /poll/ID", "two"],
      ["DELETE /poll/ID", ""],
    ]);
    expect(client.ended).toEqual([undefined]);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "nothing is left open");
  });
});

/** One whole life with everything in it; what each connection said, `up` first. */
async function life(connect: Connect, overrides: Partial<Options>): Promise<string[]> {
  const from = server.bytes.length;
  const before = server.requests.length;
  const client = await join(connect, overrides);
  const mine = (): SeenRequest[] => server.requests.slice(before);
  await until(() => asksOf(mine()).length === 4 && client.got.length === 13, "the asks are made");
  for (const [text, isText] of [
    ["", true],
    ["hello", true],
    ["hallo", true],
    ['"é🛰"\\\n', true],
    ["hello", false],
    ["x".repeat(100_000), true],
  ] as const)
    client.send(Buffer.from(text), isText);
  client.close();
  await until(() => client.ended.length > 0, "it has left");
  return server.bytes.slice(from);
}

it.each<[string, Connect, Connect, Partial<Options>]>([
  ["short poll", shortPoll, shortPollLibrary, {}],
  ["long poll", longPoll, longPollLibrary, {}],
  ["long poll, with extra headers", longPoll, longPollLibrary, { extraHeaderBytes: 500 }],
])("says the same to the byte as undici does: %s", async (_what, lean, library, overrides) => {
  const record = "\0\0\0\x06binary";
  const mixed = response(200, record, ["content-type: application/vnd.records"]);
  const acts = [response(204), batchOf(...Array.from("twelve texts")), mixed, noResponse];
  let asked = 0;
  server = await openScriptedServer(({ line }) => {
    if (line === "POST /poll") return response(201, "ID");
    return line.startsWith("GET ") ? acts[asked++ % acts.length]! : response(204);
  });
  const said = [await life(lean, overrides), await life(library, overrides)];
  expect(said[0]!.length).toBe(2);
  expect(said[0]).toEqual(said[1]);
  expect(said[0]![0]).toMatch(/^POST \/poll HTTP\/1\.1\r\nhost: .*DELETE \/poll\/ID HTTP\/1\.1\r\nhost: /s);
  expect(said[0]![1]!.match(/\?after=\d+/g)).toEqual(
    ["0", "0", "12", "13"].map((n) => `?after=${n.padStart(10, "0")}`),
  );
});

describe("the lean client", () => {
  it.each<[string, ScriptedResponse]>([
    ["an answer that is no HTTP", "hello\r\n\r\n"],
    ["an answer with two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]"],
    ["bytes after an answer", `${batchOf("one")}\r\n`],
    ["a batch of a type that there is not", response(200, "[]", ["content-type: text/html"])],
    ["a batch that is none", response(200, '["a", 1]', ["content-type: application/json; charset=utf-8"])],
    ["a batch that is longer than any can be", `HTTP/1.1 200 OK\r\ncontent-length: ${6 * 1024 + 3}\r\n\r\n`],
  ])("ends the link at once, with an error, for %s", async (_what, act) => {
    server = await openScriptedServer(polls(act));
    const client = await join(longPoll, { queueBytes: 1024 });
    await until(() => client.ended.length > 0, "it is told");
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(asksOf(server.requests).length).toBeLessThanOrEqual(2);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "nothing is left open");
  });

  it("ends the link for bytes that come where nobody has asked", async () => {
    server = await openScriptedServer(polls(noResponse));
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "it asks");
    server.sockets[0]!.write("HTTP/1.1 204 No Content\r\n\r\n");
    await until(() => client.ended.length > 0, "it is told");
    expect(client.ended[0]!.message).toMatch(/no request is waiting/);
  });

  it("takes no failure of an ask amiss once it has said goodbye", async () => {
    server = await openScriptedServer((request, received) => {
      if (!request.line.startsWith("DELETE ")) return polls(noResponse)(request, received);
      return (socket) => {
        server.sockets[1]!.write(response(404));
        setTimeout(() => socket.write(response(204)), 20);
      };
    });
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "it asks");
    client.close();
    await until(() => client.ended.length > 0, "it is told");
    expect(client.ended).toEqual([undefined]);
  });

  it("delivers what an ask still brings after it has said goodbye, and asks no more", async () => {
    server = await openScriptedServer((request, received) => {
      if (!request.line.startsWith("DELETE ")) return polls(noResponse)(request, received);
      return (socket) => {
        server.sockets[1]!.write(batchOf("late"));
        setTimeout(() => socket.write(response(204)), 20);
      };
    });
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "it asks");
    client.close();
    await until(() => client.ended.length > 0, "it is told");
    expect([client.got, client.ended, asksOf(server.requests).length]).toEqual([["late"], [undefined], 1]);
  });

  it("makes nothing of a session's name that would not go into a request", async () => {
    server = await openScriptedServer(() => response(201, "ID\r\nX: y"));
    await expect(join(longPoll)).rejects.toThrow(/named a session/);
  });

  it("may be closed and sent to from within the call that delivers a message", async () => {
    server = await openScriptedServer(polls(batchOf("one", "two"), noResponse));
    let connection: Connection | undefined;
    const ended: (Error | undefined)[] = [];
    const handler = {
      receive() {
        connection!.send(Buffer.from("echo"), true);
        connection!.close();
      },
      closed: (error?: Error) => void ended.push(error),
    };
    connection = await longPoll(server.address, handler, defaultOptions);
    await until(() => ended.length > 0, "it is told");
    expect(ended).toEqual([undefined]);
    expect(server.requests.filter(({ line }) => !line.startsWith("GET ")).map(({ body }) => body)).toEqual([
      "",
      "echo",
      "",
    ]);
  });
});
