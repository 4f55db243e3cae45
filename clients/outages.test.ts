import { afterEach, describe, expect, it } from "vitest";
import { Kit, texts, type TestServer } from "../scenarios/conformance/test-kit.ts";
import type { Application, Connect, Connection, Options } from "../scenarios/contract.ts";
import { until } from "../scenarios/lib/until.ts";
import { transports } from "../scenarios/transports.ts";
import { openCuttableRelay, type CuttableRelay } from "./lib/testing/cuttable-relay.ts";

/** A client behind a relay. */
interface Client extends Connection {
  texts: string[];
  /** The calls of `lost`, `back` and `closed`. */
  events: string[];
}

/** Clients that always have a request under way for what the server says. */
const listening = ["long-poll", "long-poll-library", "sse", "h2-long-poll", "h2-sse"] as const;
const all = ["short-poll", "short-poll-library", "h2-short-poll", ...listening] as const;

let kit: Kit;
let relay: CuttableRelay;

afterEach(async () => {
  await relay.close();
  await kit.tidy();
});

/** A server behind a relay, and its only client, which has received "hello". */
async function open(
  name: (typeof all)[number],
  behaviour: Partial<Application> = {},
  overrides: Pick<Options, "reconnect"> = { reconnect: { minMs: 1, maxMs: 5 } },
): Promise<{ host: TestServer; client: Client }> {
  kit = new Kit(name, transports[name]);
  const host = await kit.serve(behaviour);
  relay = await openCuttableRelay(host.addresses[0]!);
  const received: string[] = [];
  const events: string[] = [];
  const { default: connect }: { default: Connect } = await kit.transport.client();
  const connection = await connect(
    relay.address,
    {
      receive: (payload) => void received.push(payload.toString()),
      lost: () => void events.push("lost"),
      back: (resumed) => void events.push(resumed ? "resumed" : "back"),
      closed: (error) => void events.push(error ? "failed" : "closed"),
    },
    { ...kit.options, ...overrides },
  );
  const client: Client = {
    texts: received,
    events,
    send: (payload, text) => connection.send(payload, text),
    close: () => connection.close(),
  };
  say(host, "hello");
  await until(() => received.length === 1, "the first message has arrived: all connections are open");
  return { host, client };
}

const say = ({ room }: TestServer, text: string): void => room.send(Buffer.from(text), true);
const sendText = (client: Client, text: string): void => client.send(Buffer.from(text), true);
const isLost = ({ events }: Client): boolean => events.includes("lost");

describe.each(all)("%s, whose connections are reset", (name) => {
  it("goes on with its session, and misses nothing", async () => {
    const { host, client } = await open(name);
    relay.cut();
    for (const text of ["meanwhile", "after"]) say(host, text);
    await until(() => client.texts.length === 3, "all messages have arrived");
    expect(client.texts).toEqual(["hello", "meanwhile", "after"]);
    expect([host.joined.length, host.left.length]).toEqual([1, 0]);
    client.close();
  });

  it("does not send a message again whose request broke, and sends the next", async () => {
    const { host, client } = await open(name, {
      receive: (_, payload) => {
        if (payload.toString() === "cuts") relay.cut();
      },
    });
    for (const text of ["cuts", "next"]) sendText(client, text);
    await until(() => host.received.length === 2, "both messages have arrived");
    expect(texts(host)).toEqual(["cuts", "next"]);
    expect(client.events.filter((event) => event === "failed" || event === "closed")).toEqual([]);
    client.close();
  });
});

describe.each(listening)("%s, whose connections are reset", (name) => {
  it("says once that it has no connection, and once that the server goes on, before there is any message", async () => {
    const { host, client } = await open(name);
    for (let cuts = 1; cuts <= 2; cuts++) {
      relay.cut();
      await until(() => client.events.length === 2 * cuts, "the server goes on");
    }
    expect(client.events).toEqual(["lost", "resumed", "lost", "resumed"]);
    say(host, "after");
    await until(() => client.texts.length === 2, "the message has arrived");
    client.close();
  });

  it("tries again until the server answers", async () => {
    const { host, client } = await open(name);
    relay.resets = true;
    relay.cut();
    const before = relay.connections();
    await until(() => relay.connections() > before + 4, "five attempts have failed");
    say(host, "meanwhile");
    expect(client.events).toEqual(["lost"]);
    relay.resets = false;
    await until(() => client.texts.length === 2, "the message has arrived");
    expect(client.events).toEqual(["lost", "resumed"]);
    expect(host.joined.length).toBe(1);
    client.close();
  });

  it("keeps messages for which no connection can be opened, and sends them in order", async () => {
    const { host, client } = await open(name);
    await relay.refuse();
    await until(() => isLost(client), "the client knows it");
    for (const text of ["one", "two"]) sendText(client, text);
    await relay.accept();
    await until(() => host.received.length === 2, "the messages have arrived");
    expect(texts(host)).toEqual(["one", "two"]);
    client.close();
  });

  it("ends when the server does not know its session any more", async () => {
    const { client } = await open(name);
    relay.to = (await kit.serve()).addresses[0]!;
    relay.cut();
    await until(() => client.events.length === 2, "the client has ended");
    expect(client.events).toEqual(["lost", "failed"]);
  });

  it("ends when it is closed while nothing answers", async () => {
    const { client } = await open(name, {}, { reconnect: { minMs: 60_000, maxMs: 60_000 } });
    await relay.refuse();
    await until(() => isLost(client), "the client knows it");
    sendText(client, "never arrives");
    client.close();
    await until(() => client.events.length === 2, "the client has ended");
    expect(client.events).toEqual(["lost", "failed"]);
    await relay.accept();
  });

  it("ends at the first cut without Options.reconnect, or does not tell of it", async () => {
    const { client } = await open(name, {}, {});
    relay.cut();
    sendText(client, "after");
    client.close();
    await until(() => client.events.length > 0, "the client has ended");
    expect(client.events).toEqual([expect.stringMatching(/^(failed|closed)$/)]);
  });
});
