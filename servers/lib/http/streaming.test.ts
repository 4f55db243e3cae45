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

/** A stream that is read, or is not to be had. */
interface Listening {
  status: number;
  /** What has been said, without comments and what stands in front. */
  said(): string[];
  /** All there is of it. */
  raw(): string;
  /** Whether it has ended, and how. */
  ended(): "open" | "ended" | "cut off";
  giveUp(): void;
}

let kit: Kit;
let host: TestServer;
let path: string;
let opened: RequestChannels[] = [];

afterEach(async () => {
  for (const lines of opened) lines.destroy();
  opened = [];
  await kit.tidy();
});

async function open(): Promise<RequestChannels> {
  const lines = await (kit.name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, kit.options);
  opened.push(lines);
  return lines;
}

/** Hosts a hub that says nothing by itself, and joins it without listening yet. */
async function join(name: Name, overrides: Partial<Options> = {}): Promise<void> {
  kit = new Kit(name, transports[name]);
  host = await kit.serve({}, overrides);
  const { body } = await (await open()).sends.call({ method: "POST", path: paths[name] }, 5_000);
  path = `${paths[name]}/${body.toString()}`;
}

async function listen(lastId?: string): Promise<Listening> {
  let [status, text] = [0, ""];
  let ended: ReturnType<Listening["ended"]> = "open";
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const giveUp = (await open()).asks.read({ method: "GET", path, headers }, 5_000, {
    head: (code) => (status = code),
    data: (chunk) => (text += chunk.toString()),
    ended: (error) => (ended = error ? "cut off" : "ended"),
  });
  await until(() => status > 0, "there is an answer");
  const words = (): string[] => text.split("\n\n").filter((each) => each !== "" && !/^(:|retry:)/.test(each));
  return { status, said: words, raw: () => text, ended: () => ended, giveUp };
}

const say = (...texts: string[]): void => {
  for (const text of texts) host.joined[0]!.send(Buffer.from(text), true);
};
const event = (id: number, text: string): string => `id: ${String(id).padStart(8, "0")}\ndata: ${text}`;
const bye = "event: close\ndata:";

describe.each(["sse", "h2-sse"] as const)("%s", (name) => {
  it("says what was said since the client joined, and goes on", async () => {
    await join(name);
    say("one", "two");
    const { said } = await listen();
    await until(() => said().length === 2, "what had waited is there");
    say("three");
    await until(() => said().length === 3, "what comes is there");
    expect(said()).toEqual([event(1, "one"), event(2, "two"), event(3, "three")]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 3, payloadBytesOut: 11 });
  });

  it("goes on after the last event that arrived, with what was lost and what was said meanwhile, and counts each once", async () => {
    await join(name);
    const first = await listen();
    say("one", "two", "three");
    await until(() => first.said().length === 3, "all has come");
    first.giveUp();
    await until(() => first.ended() !== "open", "it is cut off");
    say("four");
    const second = await listen("00000001");
    await until(() => second.said().length === 3, "it has what it lacks");
    expect(second.said()).toEqual([event(2, "two"), event(3, "three"), event(4, "four")]);
    expect(host.traffic()).toMatchObject({ payloadsOut: 4, payloadBytesOut: 15 });
    expect(host.left).toEqual([]);
  });

  it.each([
    ["was never said", "00000004"],
    ["is no number", "x"],
    ["is less than nothing", "-1"],
  ])("does not go on after an event that %s, and loses nothing by it", async (_what, id) => {
    await join(name);
    say("one");
    expect((await listen(id)).status).toBe(409);
    const { said } = await listen();
    await until(() => said().length === 1, "it is there");
    expect(said()).toEqual([event(1, "one")]);
  });

  it("does not go on where what the client lacks is forgotten", async () => {
    await join(name);
    const { said, giveUp } = await listen();
    for (let i = 0; i < 10; i++) say(String(i).repeat(10_000));
    await until(() => said().length === 10, "all has come");
    giveUp();
    expect([(await listen("00000001")).status, (await listen()).status]).toEqual([409, 409]);
    expect((await listen("00000009")).status).toBe(200);
  });

  it("lets a newer stream take the place of the older one, without a goodbye", async () => {
    await join(name);
    const older = await listen();
    const newer = await listen();
    await until(() => older.ended() !== "open", "the older one has ended");
    say("for the newer");
    await until(() => newer.said().length > 0, "it is there");
    expect([older.said(), newer.said()]).toEqual([[], [event(1, "for the newer")]]);
    expect(host.left).toEqual([]);
  });

  it("takes a client for gone that has no stream for idleMs, and not before", async () => {
    await join(name, { idleMs: 300 });
    const { giveUp } = await listen();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(host.left).toEqual([]);
    giveUp();
    await until(() => host.left.length > 0, "the hub is told");
    expect((await listen()).status).toBe(404);
  });

  it("says goodbye after all that was said before, on the next stream where there is none, and then knows the session no more", async () => {
    await join(name);
    say("last words");
    host.joined[0]!.close();
    say("into the void");
    const { said, ended } = await listen();
    await until(() => ended() === "ended" && host.left.length > 0, "both sides are told");
    expect(said()).toEqual([event(1, "last words"), bye]);
    expect((await listen()).status).toBe(404);
  });
});

describe("http-stream", () => {
  it("takes a client for gone as soon as its stream breaks off, and does not know it any more", async () => {
    await join("http-stream");
    const { giveUp } = await listen();
    giveUp();
    await until(() => host.left.length > 0, "the hub is told");
    expect((await listen()).status).toBe(404);
  });

  it("ends the body where the hub closes the link, and that is all it says", async () => {
    await join("http-stream");
    const { said, ended } = await listen();
    say("last words");
    host.joined[0]!.close();
    await until(() => ended() === "ended" && host.left.length > 0, "both sides are told");
    expect(said().join("")).toBe('"last words"\n');
  });
});

describe.each(Object.keys(paths) as Name[])("%s", (name) => {
  it("says goodbye to a client that leaves, after what its last message led to", async () => {
    await join(name);
    const { said, ended } = await listen();
    say("answer");
    await (await open()).sends.call({ method: "DELETE", path }, 5_000);
    await until(() => ended() === "ended", "the stream has ended");
    expect(said().join("")).toMatch(/answer/);
    expect(host.left).toEqual(host.joined);
  });

  it("beats while nothing is said", async () => {
    await join(name, { heartbeatMs: 50 });
    const { raw, said } = await listen();
    const beat = name === "http-stream" ? "\n" : ":\n\n";
    await until(() => raw().endsWith(beat.repeat(3)), "it has beaten three times");
    expect(said().join("").trim()).toBe("");
  });

  it("drops a client that has read nothing from one beat to the next, though something waits for it", async () => {
    await join(name, { heartbeatMs: 100, idleMs: 60_000, queueBytes: 1e9 });
    const elsewhere = await kit.connectElsewhere(host.addresses[0]!, { heartbeatMs: 60_000 });
    await until(() => host.joined.length === 2, "the hub knows it");
    elsewhere.kill("SIGSTOP");
    const more = Buffer.alloc(1024 * 1024, "z");
    for (let i = 0; i < 32; i++) host.joined[1]!.send(more, false);
    await until(() => host.left.length > 0, "the hub is told");
    expect(host.left).toEqual([host.joined[1]]);
  });
});

describe("over HTTP/1.1, a stream", () => {
  const head = /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\ncache-control: no-store\r\n.*?\r\n\r\n/s;

  it("is what anybody can read: a head, and one chunk an event", async () => {
    await join("sse");
    const received = /d\r\nretry: 1000\n\n\r\n.*0\r\n\r\n$/s;
    const listening = rawExchange(host.addresses[0]!, [{ send: httpRequest(`GET ${path}`, []), expect: received }]);
    await until(() => host.traffic()!.wire.down.out > 0, "it listens");
    say("hello");
    await until(() => host.traffic()!.payloadsOut === 1, "it is told");
    host.joined[0]!.close();
    const stranger = await listening;
    expect(stranger.received()).toMatch(head);
    expect(stranger.received().replace(head, "")).toBe(
      "d\r\nretry: 1000\n\n\r\n1a\r\nid: 00000001\ndata: hello\n\n\r\n14\r\nevent: close\ndata:\n\n\r\n0\r\n\r\n",
    );
    stranger.destroy();
  });

  it("is not to be had with HTTP/1.0, which knows no chunks", async () => {
    await join("sse");
    const ask = `GET ${path} HTTP/1.0\r\n\r\n`;
    const stranger = await rawExchange(host.addresses[0]!, [
      { send: ask, expect: /^HTTP\/1\.1 505 .*\r\nconnection: close/is },
    ]);
    await until(stranger.ended, "the connection is ended");
  });

  it("is not to be had behind a request that has no answer yet, and that ends the connection", async () => {
    await join("sse");
    const ask = httpRequest(`GET ${path}`, []);
    const stranger = await rawExchange(host.addresses[0]!, [{ send: ask + ask, expect: /./s }]);
    await until(stranger.ended, "the connection is ended");
  });
});
