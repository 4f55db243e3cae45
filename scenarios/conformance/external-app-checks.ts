import assert from "node:assert/strict";
import { until } from "../lib/until.ts";
import type { Check } from "./check.ts";
import { texts, type TestClient } from "./test-kit.ts";

/** Sends a client's first message, which names its room, and waits for the reply. */
async function enterRoom(client: TestClient, room: string): Promise<void> {
  client.send(Buffer.from(room), true);
  await until(() => client.received.length > 0, `the client that entered "${room}" has its reply`);
}

/** Checks of the applications of a server in another program. Each check applies if the server hosts that one. */
export const externalAppChecks: Check[] = [
  {
    id: "external-chat-rooms",
    description: "hosts chat: a first message names the room and is returned to its sender, later ones go to that room",
    appliesTo: ({ apps }) => apps?.includes("chat") ?? false,
    async run(kit) {
      const { addresses } = await kit.serve({}, {}, "chat");
      const clients = await kit.connectMany(4, addresses[0]!);
      for (const [i, client] of clients.entries()) await enterRoom(client, i < 3 ? "red" : "blue");
      const [red, blue] = [clients.slice(0, 3), clients[3]!];
      const bytes = Buffer.from([0, 10, 255]);
      red[0]!.send(Buffer.from("hello"), true);
      red[0]!.send(bytes, kit.guarantees.binary === false);
      await until(() => red.every(({ received }) => received.length === 3), "the first room has both messages");
      blue.send(Buffer.from("alone"), true);
      await until(() => blue.received.length === 2, "the only client of the second room has its own message");
      for (const client of red) assert.deepEqual(texts(client), ["red", "hello", bytes.toString()]);
      assert.deepEqual(texts(blue), ["blue", "alone"]);
    },
  },
  {
    id: "external-chat-members",
    description:
      "hosts chat: a room survives a member that leaves, and a new member receives what is sent from then on",
    appliesTo: ({ apps }) => apps?.includes("chat") ?? false,
    async run(kit) {
      const { addresses } = await kit.serve({}, {}, "chat");
      const [leaver, stayer] = [await kit.connect(addresses[0]!), await kit.connect(addresses[0]!)];
      for (const client of [leaver, stayer]) await enterRoom(client, "red");
      leaver.close();
      await until(() => leaver.ended.length > 0, "the first client has left");
      stayer.send(Buffer.from("alone"), true);
      await until(() => stayer.received.length === 2, "the remaining client has its own message");
      const newcomer = await kit.connect(addresses[0]!);
      await enterRoom(newcomer, "red");
      stayer.send(Buffer.from("welcome"), true);
      await until(() => newcomer.received.length === 2 && stayer.received.length === 3, "both have the last message");
      assert.deepEqual([texts(leaver), texts(newcomer)], [["red"], ["red", "welcome"]]);
    },
  },
  {
    id: "external-sink",
    description: "hosts sink: accepts messages and sends none",
    appliesTo: ({ apps }) => apps?.includes("sink") ?? false,
    async run(kit) {
      const { addresses } = await kit.serve({}, {}, "sink");
      const client = await kit.connect(addresses[0]!);
      for (let i = 0; i < 1000; i++) client.send(Buffer.from(`message ${i}`), true);
      client.close(); // the server's close follows everything that it sent
      await until(() => client.ended.length > 0, "closed() was called");
      assert.equal(client.received.length, 0, `the sink sent ${client.received.length} messages`);
      assert.deepEqual(client.ended, [undefined]);
    },
  },
];
