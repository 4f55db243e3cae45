import { afterEach, describe, expect, it } from "vitest";
import type { RequestChannels } from "../../../clients/lib/library-http/request-channel.ts";
import { openHttp1 } from "../../../clients/lib/library-http/http1-channel.ts";
import { openHttp2 } from "../../../clients/lib/library-http/http2-channel.ts";
import { Kit, type TestServer } from "../../../scenarios/conformance/test-kit.ts";
import type { Options } from "../../../scenarios/contract.ts";
import { transports } from "../../../scenarios/transports.ts";
import { httpRequest, rawExchange } from "../testing/raw-client.ts";
import { until } from "../../../scenarios/lib/until.ts";

const paths = { sse: "/events", "h2-sse": "/events", "http-stream": "/stream" } as const;
type Name = keyof typeof paths;

/** A request for a stream, and what has arrived on it. */
interface OpenStream {
  status: number;
  /** The events, without heartbeats and the preamble. */
  events(): string[];
  /** The complete body so far. */
  raw(): string;
  ended(): "open" | "ended" | "cut off";
  cut(): void;
}

let kit: Kit;
let host: TestServer;
let path: string;
let opened: RequestChannels[] = [];

afterEach(async () => {
  for (const channels of opened) channels.destroy();
  opened = [];
  await kit.tidy();
});

async function open(): Promise<RequestChannels> {
  const channels = await (kit.name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, kit.options);
  opened.push(channels);
  return channels;
}

/** Hosts an application that sends nothing on its own, and joins it without a stream. */
async function join(name: Name, overrides: Partial<Options> = {}): Promise<void> {
  kit = new Kit(name, transports[name]);
  host = await kit.serve({}, overrides);
  const { body } = await (await open()).sends.call({ method: "POST", path: paths[name] }, 5_000);
  path = `${paths[name]}/${body.toString()}`;
}

async function openStream(lastId?: string): Promise<OpenStream> {
  let [status, text] = [0, ""];
  let ended: ReturnType<OpenStream["ended"]> = "open";
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const cut = (await open()).polls.read({ method: "GET", path, headers }, 5_000, {
    head: (code) => (status = code),
    data: (chunk) => (text += chunk.toString()),
    ended: (error) => (ended = error ? "cut off" : "ended"),
  });
  await until(() => status > 0, "the response has begun");
  const events = (): string[] => text.split("\n\n").filter((each) => each !== "" && !/^(:|retry:)/.test(each));
  return { status, events, raw: () => text, ended: () => ended, cut };
}

const send = (...texts: string[]): void => {
  for (const text of texts) host.joined[0]!.send(Buffer.from(text), true);
};
const event = (id: number, text: string): string => `id: ${String(id).padStart(8, "0")}\ndata: ${text}`;
const closeEvent = "event: close\ndata:";

describe.each(["sse", "h2-sse"] as const)("%s", (name) => {
  it("sends all messages since the client joined, and later ones", async () => {
    await join(name);
    send("one", "two");
    const { events } = await openStream();
    await until(() => events().length === 2, "the earlier messages have arrived");
    send("three");
    await until(() => events().length === 3, "the later message has arrived");
    expect(events()).toEqual([event(1, "one"), event(2, "two"), event(3, "three")]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 3, payloadBytesOut: 11 });
  });

  it("resumes after the last event that arrived, and counts each message once", async () => {
    await join(name);
    const first = await openStream();
    send("one", "two", "three");
    await until(() => first.events().length === 3, "all events have arrived");
    first.cut();
    await until(() => first.ended() !== "open", "the stream is cut off");
    send("four");
    const second = await openStream("00000001");
    await until(() => second.events().length === 3, "the missing events have arrived");
    expect(second.events()).toEqual([event(2, "two"), event(3, "three"), event(4, "four")]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 4, payloadBytesOut: 15 });
    expect(host.left).toEqual([]);
  });

  it.each([
    ["was never sent", "00000004"],
    ["is not a number", "x"],
    ["is negative", "-1"],
  ])("responds 409 to an event id that %s, and loses no message", async (_description, id) => {
    await join(name);
    send("one");
    expect((await openStream(id)).status).toBe(409);
    const { events } = await openStream();
    await until(() => events().length === 1, "the event has arrived");
    expect(events()).toEqual([event(1, "one")]);
  });

  it("responds 409 where it no longer has all events that the client lacks", async () => {
    await join(name);
    const { events, cut } = await openStream();
    for (let i = 0; i < 10; i++) send(String(i).repeat(10_000));
    await until(() => events().length === 10, "all events have arrived");
    cut();
    expect([(await openStream("00000001")).status, (await openStream()).status]).toEqual([409, 409]);
    expect((await openStream("00000009")).status).toBe(200);
  });

  it("ends a stream without a close event when a newer one replaces it", async () => {
    await join(name);
    const older = await openStream();
    const newer = await openStream();
    await until(() => older.ended() !== "open", "the older stream has ended");
    send("for the newer");
    await until(() => newer.events().length > 0, "the event has arrived");
    expect([older.events(), newer.events()]).toEqual([[], [event(1, "for the newer")]]);
    expect(host.left).toEqual([]);
  });

  it("ends the session of a client without a stream after idleMs, and keeps one with a stream", async () => {
    await join(name, { idleMs: 300 });
    const { cut } = await openStream();
    await (await open()).sends.call({ method: "POST", path: paths[name] }, 5_000);
    await until(() => host.left.length > 0, "a later client without a stream has left");
    expect(host.left).toEqual([host.joined[1]]);
    cut();
    await until(() => host.left.length > 1, "the client has left");
    expect((await openStream()).status).toBe(404);
  });

  it("sends the close event after earlier messages, also on a later stream, and then responds 404", async () => {
    await join(name);
    send("last words");
    host.joined[0]!.close();
    send("too late");
    const { events, ended } = await openStream();
    await until(() => ended() === "ended" && host.left.length > 0, "both sides know that the connection has ended");
    expect(events()).toEqual([event(1, "last words"), closeEvent]);
    expect((await openStream()).status).toBe(404);
  });
});

describe("http-stream", () => {
  it("ends the session as soon as its stream breaks off", async () => {
    await join("http-stream");
    const { cut } = await openStream();
    cut();
    await until(() => host.left.length > 0, "the client has left");
    expect((await openStream()).status).toBe(404);
  });

  it("ends the body without a close message when the application closes the connection", async () => {
    await join("http-stream");
    const { events, ended } = await openStream();
    send("last words");
    host.joined[0]!.close();
    await until(() => ended() === "ended" && host.left.length > 0, "both sides know that the connection has ended");
    expect(events().join("")).toBe('"last words"\n');
  });
});

describe.each(Object.keys(paths) as Name[])("%s", (name) => {
  it("ends the stream of a client that leaves, after all messages", async () => {
    await join(name);
    const { events, ended } = await openStream();
    send("last message");
    await (await open()).sends.call({ method: "DELETE", path }, 5_000);
    await until(() => ended() === "ended", "the stream has ended");
    expect(events().join("")).toMatch(/last message/);
    expect(host.left).toEqual(host.joined);
  });

  it("sends heartbeats while there is no message", async () => {
    await join(name, { heartbeatMs: 50 });
    const { raw, events } = await openStream();
    const heartbeat = name === "http-stream" ? "\n" : ":\n\n";
    await until(() => raw().endsWith(heartbeat.repeat(3)), "three heartbeats have arrived");
    expect(events().join("").trim()).toBe("");
  });

  it("drops a client that has read nothing between two heartbeats although bytes wait for it", async () => {
    await join(name, { heartbeatMs: 100, idleMs: 60_000, queueBytes: 1e9 });
    const helper = await kit.connectElsewhere(host.addresses[0]!, { heartbeatMs: 60_000 });
    await until(() => host.joined.length === 2, "the client has joined");
    helper.kill("SIGSTOP");
    const more = Buffer.alloc(1024 * 1024, "z");
    for (let i = 0; i < 32; i++) host.joined[1]!.send(more, false);
    // What the application goes on to say waits, too: it is not read.
    const talking = setInterval(() => host.joined[1]!.send(Buffer.from("more"), false), 20);
    await until(() => host.left.length > 0, "the client has left").finally(() => clearInterval(talking));
    expect(host.left).toEqual([host.joined[1]]);
  });
});

describe("over HTTP/1.1, a stream", () => {
  const head = /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\ncache-control: no-store\r\n.*?\r\n\r\n/s;

  it("is a response head, and one chunk per event", async () => {
    await join("sse");
    const received = /d\r\nretry: 1000\n\n\r\n.*0\r\n\r\n$/s;
    const exchange = rawExchange(host.addresses[0]!, [{ send: httpRequest(`GET ${path}`, []), expect: received }]);
    await until(() => host.traffic()!.wire.down.out > 0, "the stream is open");
    send("hello");
    await until(() => host.traffic()!.payloadsOut === 1, "the message is sent");
    host.joined[0]!.close();
    const client = await exchange;
    expect(client.received()).toMatch(head);
    expect(client.received().replace(head, "")).toBe(
      "d\r\nretry: 1000\n\n\r\n1a\r\nid: 00000001\ndata: hello\n\n\r\n14\r\nevent: close\ndata:\n\n\r\n0\r\n\r\n",
    );
    client.destroy();
  });

  it("is refused with 505 for HTTP/1.0, which has no chunks", async () => {
    await join("sse");
    const request = `GET ${path} HTTP/1.0\r\n\r\n`;
    const client = await rawExchange(host.addresses[0]!, [
      { send: request, expect: /^HTTP\/1\.1 505 .*\r\nconnection: close/is },
    ]);
    await until(client.ended, "the server has ended the connection");
  });

  it("is refused behind a pipelined request without a response, and the server has ended the connection", async () => {
    await join("sse");
    const request = httpRequest(`GET ${path}`, []);
    const client = await rawExchange(host.addresses[0]!, [{ send: request + request, expect: /./s }]);
    await until(client.ended, "the server has ended the connection");
  });
});
