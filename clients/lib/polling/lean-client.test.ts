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

/** A client with its messages and the calls of closed(). */
interface Client extends Connection {
  messages: string[];
  ended: (Error | undefined)[];
}

async function join(connect: Connect, overrides: Partial<Options> = {}): Promise<Client> {
  const messages: string[] = [];
  const ended: (Error | undefined)[] = [];
  const handler = {
    receive: (payload: Buffer, text: boolean) => void messages.push(`${text ? "" : "binary "}${payload.toString()}`),
    closed: (error?: Error) => void ended.push(error),
  };
  const options = { ...defaultOptions, pollIntervalMs: 10, ...overrides };
  const connection = await connect(server.address, handler, options);
  return { messages, ended, send: (payload, text) => connection.send(payload, text), close: () => connection.close() };
}

const sendText = (client: Client, text: string): void => client.send(Buffer.from(text), true);
const pollsIn = (requests: readonly SeenRequest[]): SeenRequest[] =>
  requests.filter(({ line }) => line.startsWith("GET "));

/**
 * Reactions of a server that accepts sessions and messages. Polls get these reactions in order, all further polls the
 * last one.
 */
function pollReactions(...reactions: ScriptedResponse[]) {
  return ({ line }: SeenRequest, requests: readonly SeenRequest[]): ScriptedResponse => {
    if (line === "POST /poll") return response(201, "ID");
    if (line.startsWith("GET ")) return reactions[Math.min(pollsIn(requests).length, reactions.length) - 1]!;
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
    ["ended within the head", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nconten")],
    ["ended within the body", (socket: Socket) => void socket.end(batchOf("lost").slice(0, -3))],
  ])("repeats a poll once, on a new connection, when its connection is %s", async (_case, cut) => {
    server = await openScriptedServer(
      pollReactions(batchOf("one"), cut, batchOf("two"), cut, batchOf("three"), noResponse),
    );
    const client = await join(connect);
    await until(() => client.messages.length === 3, "all messages have arrived");
    await until(() => pollsIn(server.requests).length === 6, "the client polls again");
    expect(client.messages).toEqual(["one", "two", "three"]);
    expect(pollsIn(server.requests).map(({ line }) => Number(line.slice(-10)))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(pollsIn(server.requests).map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(client.ended).toEqual([]);
    client.close();
  });

  it("ends with an error when the repeated poll is cut off too", async () => {
    server = await openScriptedServer(pollReactions(batchOf("one"), reset));
    const client = await join(connect);
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(pollsIn(server.requests).length).toBe(3);
  });

  it("ends with an error when two polls get no response in time", async () => {
    server = await openScriptedServer(pollReactions(noResponse));
    const client = await join(connect, { holdMs: 20, handshakeMs: 30 });
    await until(() => client.ended.length > 0, "closed() is called");
    expect([client.ended, pollsIn(server.requests).length]).toEqual([[expect.any(Error)], 2]);
  });

  it("sends each message after the response to the one before, while a poll is held", async () => {
    const sends: Socket[] = [];
    const heldPolls: Socket[] = [];
    server = await openScriptedServer(({ line }) => {
      if (line === "POST /poll/ID") return (socket) => void sends.push(socket);
      if (line.startsWith("GET ")) return (socket) => void heldPolls.push(socket);
      return line === "POST /poll" ? response(201, "ID") : response(204);
    });
    const client = await join(connect);
    const posts = (): string[] =>
      server.requests.filter(({ line }) => line === "POST /poll/ID").map(({ body }) => body);
    /** Answers the held poll and waits for the next one: the client has had the time to send more. */
    const pollOnce = async (): Promise<void> => {
      const before = heldPolls.length;
      heldPolls.at(-1)!.write(response(204));
      await until(() => heldPolls.length > before, "the client polls again");
    };
    await until(() => heldPolls.length > 0, "the client polls");
    for (const text of ["one", "two", "three"]) sendText(client, text);
    for (let i = 1; i <= 3; i++) {
      await until(() => sends.length === i, `message ${i} has arrived`);
      await pollOnce();
      expect(posts()).toEqual(["one", "two", "three"].slice(0, i));
      sends.at(-1)!.write(response(204));
    }
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(2);
    client.close();
  });

  it("opens a new connection when the server closed the old one between two requests", async () => {
    server = await openScriptedServer(pollReactions(noResponse));
    const client = await join(connect);
    const posts = (): SeenRequest[] => server.requests.filter(({ line }) => line === "POST /poll/ID");
    for (const [i, text] of ["one", "two", "three"].entries()) {
      sendText(client, text);
      await until(() => posts().length === i + 1, `${text} is sent`);
      const socket = server.sockets[posts().at(-1)!.connection]!;
      socket.end();
      await until(() => socket.destroyed, "the client has closed it too");
    }
    expect(new Set(posts().map(({ connection }) => connection)).size).toBe(3);
    expect(client.ended).toEqual([]);
    client.close();
  });

  it.each(["connection: close", "keep-alive: timeout=1", "Connection: x, Close"])(
    "makes each request on a new connection when the server sends %s",
    async (header) => {
      const headers = [header];
      server = await openScriptedServer(({ line }, requests) => {
        if (line === "POST /poll") return response(201, "ID", headers);
        if (!line.startsWith("GET ")) return response(204, "", headers);
        return pollsIn(requests).length < 3 ? response(204, "", headers) : noResponse;
      });
      const client = await join(connect);
      for (const text of ["one", "two"]) sendText(client, text);
      await until(() => server.requests.length === 6, "all requests have arrived");
      expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(6);
      expect(client.ended).toEqual([]);
      client.close();
    },
  );

  it("receives a body in pieces, in chunks, and one that the end of the connection ends", async () => {
    const complete = batchOf("pieces");
    const json = "content-type: application/json; charset=utf-8";
    server = await openScriptedServer(
      pollReactions(
        (socket) => {
          socket.write(complete.slice(0, 20));
          setTimeout(() => socket.write(complete.slice(20, -5)), 5);
          setTimeout(() => socket.write(complete.slice(-5)), 10);
        },
        `HTTP/1.1 200 OK\r\n${json}\r\ntransfer-encoding: chunked\r\n\r\n4\r\n["ch\r\n7;x=y\r\nunks"]\n\r\n0\r\nX: y\r\n\r\n`,
        (socket) => void socket.end(`HTTP/1.1 200 OK\r\n${json}\r\n\r\n["end"]`),
        noResponse,
      ),
    );
    const client = await join(connect);
    await until(() => client.messages.length === 3, "all messages have arrived");
    expect(client.messages).toEqual(["pieces", "chunks", "end"]);
    await until(() => pollsIn(server.requests).length === 4, "the client polls again");
    client.close();
  });

  it("ends with an error at the fifth empty response that came at once, and not where polls are held", async () => {
    server = await openScriptedServer(pollReactions(response(204)));
    const hasty = await join(connect, { holdMs: 10_000 });
    await until(() => hasty.ended.length > 0, "closed() is called");
    expect(hasty.ended[0]!.message).toMatch(/does not hold them/);
    expect(pollsIn(server.requests).length).toBeLessThanOrEqual(6); // undici counts the time between two responses
    await server.close();
    const held: ScriptedResponse = (socket) => void setTimeout(() => socket.write(response(204)), 15);
    server = await openScriptedServer(pollReactions(held));
    const patient = await join(connect, { holdMs: 20 });
    await until(() => pollsIn(server.requests).length > 6, "the client has polled more than five times");
    expect(patient.ended).toEqual([]);
    patient.close();
  });

  it("ends without an error at status 410, and with one at 503", async () => {
    server = await openScriptedServer(pollReactions(batchOf("last message"), response(410)));
    const client = await join(connect);
    await until(() => client.ended.length > 0, "closed() is called");
    expect([client.messages, client.ended]).toEqual([["last message"], [undefined]]);
    await server.close();
    server = await openScriptedServer(pollReactions(response(503, "sorry")));
    const other = await join(connect);
    await until(() => other.ended.length > 0, "closed() is called");
    expect(other.ended[0]!.message).toBe("the server answered 503 instead of 200: sorry");
  });

  it.each<[string, ScriptedResponse]>([
    ["another status", response(500, "sorry")],
    ["no response", noResponse],
    ["no HTTP", "hello\r\n\r\n"],
    ["the end of the connection", end],
  ])("does not connect when the first response is %s", async (_case, reaction) => {
    server = await openScriptedServer(() => reaction);
    await expect(join(connect, { handshakeMs: 50 })).rejects.toThrow(Error);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "all connections are closed");
  });

  it("closes the session after the messages sent before, and ends at the server's response", async () => {
    server = await openScriptedServer(pollReactions(noResponse));
    const client = await join(connect);
    for (const text of ["one", "two"]) sendText(client, text);
    client.close();
    sendText(client, "after");
    await until(() => client.ended.length > 0, "closed() is called");
    expect(
      server.requests.filter(({ line }) => !line.startsWith("GET ")).map(({ line, body }) => [line, body]),
    ).toEqual([
      ["POST /poll", ""],
      ["POST /poll/ID", "one"],
      ["POST /poll/ID", "two"],
      ["DELETE /poll/ID", ""],
    ]);
    expect(client.ended).toEqual([undefined]);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "all connections are closed");
  });
});

/**
 * Runs a client from connect to close with all kinds of requests. Returns the bytes of each connection, that for sends
 * first.
 */
async function bytesOfSession(connect: Connect, overrides: Partial<Options>): Promise<string[]> {
  const from = server.bytes.length;
  const before = server.requests.length;
  const client = await join(connect, overrides);
  const own = (): SeenRequest[] => server.requests.slice(before);
  await until(() => pollsIn(own()).length === 4 && client.messages.length === 13, "all polls have been made");
  for (const [text, isText] of [
    ["", true],
    ["hello", true],
    ["hallo", true],
    ["hallo", false],
    ['"é🛰"\\\n', true],
    ["hello", false],
    ["x".repeat(100_000), true],
  ] as const)
    client.send(Buffer.from(text), isText);
  client.close();
  await until(() => client.ended.length > 0, "closed() is called");
  return server.bytes.slice(from);
}

it.each<[string, Connect, Connect, Partial<Options>]>([
  ["short poll", shortPoll, shortPollLibrary, {}],
  ["long poll", longPoll, longPollLibrary, {}],
  ["long poll, with extra headers", longPoll, longPollLibrary, { extraHeaderBytes: 500 }],
])("the lean client sends the same bytes as undici: %s", async (_case, lean, library, overrides) => {
  const record = "\0\0\0\x06binary";
  const mixed = response(200, record, ["content-type: application/vnd.records"]);
  const reactions = [response(204), batchOf(...Array.from("twelve texts")), mixed, noResponse];
  let polled = 0;
  server = await openScriptedServer(({ line }) => {
    if (line === "POST /poll") return response(201, "ID");
    return line.startsWith("GET ") ? reactions[polled++ % reactions.length]! : response(204);
  });
  const sent = [await bytesOfSession(lean, overrides), await bytesOfSession(library, overrides)];
  expect(sent[0]!.length).toBe(2);
  expect(sent[0]).toEqual(sent[1]);
  expect(sent[0]![0]).toMatch(/^POST \/poll HTTP\/1\.1\r\nhost: .*DELETE \/poll\/ID HTTP\/1\.1\r\nhost: /s);
  expect(sent[0]![1]!.match(/\?after=\d+/g)).toEqual(
    ["0", "0", "12", "13"].map((n) => `?after=${n.padStart(10, "0")}`),
  );
});

describe("the lean client", () => {
  it.each<[string, ScriptedResponse]>([
    ["a response that is not HTTP", "hello\r\n\r\n"],
    ["a response with two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]"],
    ["bytes after a response", `${batchOf("one")}\r\n`],
    ["a batch of an unknown type", response(200, "[]", ["content-type: text/html"])],
    ["a batch with a number", response(200, '["a", 1]', ["content-type: application/json; charset=utf-8"])],
    ["a batch above the largest length", `HTTP/1.1 200 OK\r\ncontent-length: ${6 * 1024 + 3}\r\n\r\n`],
  ])("ends at once with an error after %s", async (_case, reaction) => {
    server = await openScriptedServer(pollReactions(reaction));
    const client = await join(longPoll, { queueBytes: 1024 });
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([expect.any(Error)]);
    expect(pollsIn(server.requests).length).toBeLessThanOrEqual(2);
    await until(() => server.sockets.every(({ destroyed }) => destroyed), "all connections are closed");
  });

  it("ends with an error after bytes without a request", async () => {
    server = await openScriptedServer(pollReactions(noResponse));
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "the client polls");
    server.sockets[0]!.write("HTTP/1.1 204 No Content\r\n\r\n");
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended[0]!.message).toMatch(/no request is waiting/);
  });

  it("ignores a failed poll while it closes the session", async () => {
    server = await openScriptedServer((request, requests) => {
      if (!request.line.startsWith("DELETE ")) return pollReactions(noResponse)(request, requests);
      return (socket) => {
        server.sockets[1]!.write(response(404));
        setTimeout(() => socket.write(response(204)), 20);
      };
    });
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "the client polls");
    client.close();
    await until(() => client.ended.length > 0, "closed() is called");
    expect(client.ended).toEqual([undefined]);
  });

  it("delivers the messages of a poll under way while it closes the session, and does not poll again", async () => {
    server = await openScriptedServer((request, requests) => {
      if (!request.line.startsWith("DELETE ")) return pollReactions(noResponse)(request, requests);
      return (socket) => {
        server.sockets[1]!.write(batchOf("late"));
        setTimeout(() => socket.write(response(204)), 20);
      };
    });
    const client = await join(longPoll);
    await until(() => server.requests.length === 2, "the client polls");
    client.close();
    await until(() => client.ended.length > 0, "closed() is called");
    expect([client.messages, client.ended, pollsIn(server.requests).length]).toEqual([["late"], [undefined], 1]);
  });

  it("refuses a session id that does not fit into a request", async () => {
    server = await openScriptedServer(() => response(201, "ID\r\nX: y"));
    await expect(join(longPoll)).rejects.toThrow(/invalid session id/);
  });

  it("can send and close inside the call that delivers a message", async () => {
    server = await openScriptedServer(pollReactions(batchOf("one", "two"), noResponse));
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
    await until(() => ended.length > 0, "closed() is called");
    expect(ended).toEqual([undefined]);
    expect(server.requests.filter(({ line }) => !line.startsWith("GET ")).map(({ body }) => body)).toEqual([
      "",
      "echo",
      "",
    ]);
  });
});
