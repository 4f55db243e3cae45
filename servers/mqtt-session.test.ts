import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../scenarios/lib/until.ts";
import { openCuttable, type Cuttable } from "../scenarios/testing/cuttable.ts";

let chat: Cuttable;
beforeEach(async () => {
  chat = await openCuttable("mqtt-session");
});
afterEach(() => chat.close());

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

it("a client that was cut goes on with the same connection, and has missed nothing", async () => {
  const client = await chat.enter({ minMs: 100, maxMs: 100 });
  const speaker = await chat.enterDirectly();
  const say = (texts: string[]): void => texts.forEach((text) => speaker.connection.send(Buffer.from(text), true));
  await until(() => client.received.length + speaker.received.length === 2, "both have entered");
  for (let cuts = 0; cuts < 3; cuts++) {
    const from = 30 * cuts;
    say(numbers(from, from + 10));
    chat.cut();
    say(numbers(from + 10, from + 20));
    await until(() => client.told.length === 2 * cuts + 1, "the client is lost");
    say(numbers(from + 20, from + 30));
    await until(() => client.told.length === 2 * cuts + 2, "the client is back");
    await until(() => client.received.includes(`${from + 29}`), "everything has arrived");
  }
  // A message whose acknowledgement was lost comes again (MQTT 3.1.1, section 4.3.2).
  expect([...new Set(client.received.slice(1))]).toEqual(numbers(0, 90));
  client.connection.send(Buffer.from("still here"), true);
  await until(() => speaker.received.at(-1) === "still here", "the client is in its room without having entered again");
  expect(chat.seen).toEqual(["join", "join"]);
  expect(client.told).toEqual(Array.from({ length: 3 }, () => ["lost", "resumed"]).flat());
  client.connection.close();
  await until(() => chat.seen.length === 3, "the application sees it leave");
  speaker.connection.close();
});

it("closing the server ends the connections of clients that are away", async () => {
  const client = await chat.enter();
  await until(() => client.received.length === 1, "the client has entered");
  chat.cut();
  await until(() => client.told.length === 1, "the client is lost");
  await chat.close();
  expect(chat.seen).toEqual(["join", "leave"]);
  chat = await openCuttable("mqtt-session");
});

it("a client that closes leaves at once", async () => {
  const client = await chat.enter();
  await until(() => client.received.length === 1, "the client has entered");
  client.connection.close();
  await until(() => chat.seen.length === 2, "the application sees it leave");
  await until(() => client.told.length === 1, "the client is closed");
  expect([chat.seen, client.told]).toEqual([["join", "leave"], ["closed"]]);
});

it("a client that comes back too late has a new connection", async () => {
  const hasty = await openCuttable("mqtt-session", { idleMs: 50 }); // so it is kept for 300 ms
  const client = await hasty.enter({ minMs: 2_000, maxMs: 2_000 });
  await until(() => client.received.length === 1, "the client has entered");
  hasty.cut();
  await until(() => client.told.length === 2, "the client is back");
  client.connection.send(Buffer.from("room 1"), true);
  await until(() => client.received.length === 2, "the client has entered again");
  expect([client.told, hasty.seen]).toEqual([
    ["lost", "back"],
    ["join", "leave", "join"],
  ]);
  client.connection.close();
  await hasty.close();
});
