import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type TestClient, type Check } from "./test-kit.ts";
import { until } from "../lib/until.ts";

const texts = ({ received }: TestClient): string[] => received.map(({ payload }) => payload.toString());

/** What the applications must do of a server that has its own: one that is another program. */
export const externalAppChecks: Check[] = [
  {
    description:
      "hosts chat: a first message names the room and is answered to its sender, a later one goes to that room",
    holds: ({ apps }) => apps?.includes("chat") ?? false,
    async check(kit) {
      const { addresses } = await kit.serve({}, {}, "chat");
      const clients = await kit.connectMany(4, addresses[0]!);
      const enter = async (client: TestClient, room: string): Promise<void> => {
        client.send(Buffer.from(room), true);
        await until(() => client.received.length > 0, `who has entered "${room}" is answered`);
      };
      for (const [i, client] of clients.entries()) await enter(client, i < 3 ? "here" : "there");
      const [sender, , , outside] = clients;
      sender!.send(Buffer.from("hello"), true);
      sender!.send(Buffer.from([0, 10, 255]), kit.promises.binary === false);
      const inside = clients.slice(0, 3);
      await until(
        () => inside.every(({ received }) => received.length === 3),
        "everybody in the room has both messages",
      );
      outside!.send(Buffer.from("alone"), true);
      await until(() => outside!.received.length === 2, "who is alone in a room has its own message");
      const bytes = Buffer.from([0, 10, 255]).toString();
      for (const client of inside) assert.deepEqual(texts(client), ["here", "hello", bytes]);
      assert.deepEqual(texts(outside!), ["there", "alone"]);
    },
  },
  {
    description: "hosts chat: who leaves a room is missed by nobody, and who comes gets what is said from then on",
    holds: ({ apps }) => apps?.includes("chat") ?? false,
    async check(kit) {
      const { addresses } = await kit.serve({}, {}, "chat");
      const [first, second] = [await kit.connect(addresses[0]!), await kit.connect(addresses[0]!)];
      for (const client of [first, second]) {
        client.send(Buffer.from("here"), true);
        await until(() => client.received.length > 0, "who has entered is answered");
      }
      first.close();
      await until(() => first.ended.length > 0, "who has left is told");
      second.send(Buffer.from("anybody?"), true);
      await until(() => second.received.length === 2, "who has stayed has its own message");
      const newcomer = await kit.connect(addresses[0]!);
      newcomer.send(Buffer.from("here"), true);
      await until(() => newcomer.received.length === 1, "who has come is answered");
      second.send(Buffer.from("welcome"), true);
      await until(() => newcomer.received.length === 2 && second.received.length === 3, "both have what is said");
      assert.deepEqual([texts(first), texts(newcomer)], [["here"], ["here", "welcome"]]);
    },
  },
  {
    description: "hosts sink: takes what is sent, and says nothing",
    holds: ({ apps }) => apps?.includes("sink") ?? false,
    async check(kit) {
      const { addresses } = await kit.serve({}, {}, "sink");
      const client = await kit.connect(addresses[0]!);
      for (let i = 0; i < 1000; i++) client.send(Buffer.from(`message ${i}`), true);
      await delay(100);
      assert.deepEqual([client.received, client.ended], [[], []]);
    },
  },
];
