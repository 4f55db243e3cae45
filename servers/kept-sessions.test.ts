import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { until } from "../scenarios/lib/until.ts";
import { openCuttable, type Cuttable } from "../scenarios/testing/cuttable.ts";

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

let chat: Cuttable;

describe.each([
  { name: "socket.io-recovery", repeats: false },
  // A message whose acknowledgement was lost comes again (MQTT 3.1.1, section 4.3.2).
  { name: "mqtt-session", repeats: true },
])("$name", ({ name, repeats }) => {
  beforeEach(async () => {
    chat = await openCuttable(name);
  });
  afterEach(() => chat.close());

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
    const texts = client.received.slice(1);
    expect(repeats ? [...new Set(texts)] : texts).toEqual(numbers(0, 90));
    client.connection.send(Buffer.from("still here"), true);
    await until(
      () => speaker.received.at(-1) === "still here",
      "the client is in its room without having entered again",
    );
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
    chat = await openCuttable(name);
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
    const hasty = await openCuttable(name, { idleMs: 50 }); // so a client is kept for about a second at most
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
});

it("a Socket.IO client that does not come back leaves after the two minutes of the library, and not before", async () => {
  chat = await openCuttable("socket.io-recovery");
  onTestFinished(async () => {
    vi.useRealTimers();
    await chat.close();
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const client = await chat.enter();
  while (client.received.length === 0) await nextRound();
  chat.cut();
  let passedMs = 0;
  for (; !chat.seen.includes("leave"); passedMs += 1_000) {
    for (let round = 0; round < 5; round++) await nextRound();
    vi.advanceTimersByTime(1_000);
  }
  expect(passedMs).toBeGreaterThan(120_000);
  expect(client.told).toEqual(["broken"]);
});
