import assert from "node:assert/strict";
import { setImmediate as nextTick, setTimeout as delay } from "node:timers/promises";
import { until } from "../lib/until.ts";
import type { Check } from "./check.ts";
import { assertBurst, receiveBurst } from "./delivery-order.ts";
import { assertClosedOnce, shortTimeouts, texts, type TestServer } from "./test-kit.ts";
import { trafficCheck } from "./traffic-check.ts";

/** For transports that notice a killed client by their heartbeat only. */
const shortHeartbeat = { ...shortTimeouts, heartbeatMs: 200 };

/** Most bytes that a server may accept for a client that does not read: kernel buffers and its own queue. */
const mostUnreadBytes = 64 * 1024 * 1024;

/** Throws unless join() and leave() were called once each, with the same connection. */
function assertLeftOnce({ joined, left }: Pick<TestServer, "joined" | "left">): void {
  const calls = `join() was called ${joined.length} times and leave() ${left.length} times for one client`;
  assert.deepEqual([joined.length, left.length], [1, 1], calls);
  assert.equal(left[0], joined[0], "leave() was called with another connection than join()");
}

/** Checks of the application's side, in the process of the server. */
export const applicationChecks: Check[] = [
  {
    id: "join-and-leave-once",
    description: "calls the application's join() and leave() once per client, even if the client calls close() twice",
    async run(kit) {
      const { addresses, joined, left } = await kit.serve({}, shortTimeouts);
      const client = await kit.connect(addresses[0]!, shortTimeouts);
      await until(() => joined.length > 0, "the client has joined");
      client.close();
      client.close();
      await until(() => left.length > 0, "the client has left");
      await delay(2 * shortTimeouts.idleMs); // an idle time-out must not call leave() again
      assertLeftOnce({ joined, left });
    },
  },
  {
    id: "killed-client",
    description: "calls the application's leave() once if a client is killed without closing its connection",
    async run(kit) {
      const { addresses, joined, left } = await kit.serve({}, shortHeartbeat);
      const client = await kit.connectElsewhere(addresses[0]!, shortHeartbeat);
      await until(() => joined.length > 0, "the client has joined");
      client.kill("SIGKILL");
      await until(() => left.length > 0, "the killed client has left");
      await delay(2 * shortHeartbeat.idleMs); // neither time-out must call leave() again
      assertLeftOnce({ joined, left });
    },
  },
  {
    id: "client-close-flushes",
    description: "delivers everything that a client sent before close(), and nothing that it sent after",
    async run(kit) {
      const { addresses, received, left } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      client.send(Buffer.from("before"), true);
      if (kit.guarantees.flushesOnClose === false) await until(() => received.length > 0, "the message has arrived");
      client.close();
      client.send(Buffer.from("after"), true);
      await until(() => left.length > 0, "the client has left");
      assert.deepEqual(texts({ received }), ["before"]);
    },
  },
  {
    id: "push-before-send",
    description: "delivers a message to a client that has sent none",
    async run(kit) {
      const { addresses } = await kit.serve({ join: (connection) => connection.send(Buffer.from("welcome"), true) });
      const client = await kit.connect(addresses[0]!);
      await until(() => client.received.length > 0, "the message has arrived");
      assert.deepEqual(texts(client), ["welcome"]);
    },
  },
  {
    id: "burst-pushed",
    description: "delivers 1,000 back-to-back messages of the application in order, once each",
    async run(kit) {
      const { addresses, joined } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      await until(() => joined.length > 0, "the client has joined");
      const sent = Array.from({ length: 1000 }, (_, i) => `push ${i}`);
      for (const [i, message] of sent.entries())
        joined[0]!.send(Buffer.from(message), i % 2 > 0 || kit.guarantees.binary === false);
      assertBurst(kit.guarantees, await receiveBurst(kit.guarantees, client, sent), sent);
    },
  },
  {
    id: "send-to-one",
    description: "delivers a message for one client to that client only",
    async run(kit) {
      const { addresses, joined } = await kit.serve();
      const [first, second] = [await kit.connect(addresses[0]!), await kit.connect(addresses[0]!)];
      await until(() => joined.length === 2, "both clients have joined");
      joined[1]!.send(Buffer.from("for the second"), true);
      await until(() => second.received.length > 0, "the second client has its message");
      joined[0]!.send(Buffer.from("for the first"), true);
      await until(() => first.received.length > 0, "the first client has its message");
      assert.deepEqual([texts(first), texts(second)], [["for the first"], ["for the second"]]);
    },
  },
  {
    id: "room-members",
    description: "delivers a payload for a room to all its members, once each, and to nobody else",
    async run(kit) {
      const host = await kit.serve();
      const clients = await kit.connectMany(50, host.addresses[0]!);
      await until(() => host.joined.length === 50, "every client has joined");
      const outside = host.joined.slice(0, 10);
      for (const connection of outside) host.room.delete(connection);
      host.room.add(host.joined[20]!); // a member already
      host.room.send(Buffer.from("to the room"), true);
      host.room.send(Buffer.from([0, 1, 2]), kit.guarantees.binary === false);
      for (const connection of outside) connection.send(Buffer.from("to you"), true);
      // Clients may have joined in another order than they connected: compare what they received as a set.
      const expected = host.joined
        .map((connection) => (outside.includes(connection) ? "to you" : "\0\x01\x02,to the room"))
        .toSorted();
      const received = (): string[] => clients.map((client) => texts(client).toSorted().join()).toSorted();
      await until(
        () => received().every((each, i) => each === expected[i]),
        "every client has exactly the messages for it",
      );
    },
  },
  {
    id: "send-after-leave",
    description: "ignores messages to a client that has left, without throwing",
    async run(kit) {
      const host = await kit.serve({}, shortTimeouts);
      const [leaver, stayer] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      leaver.close();
      await until(() => host.left.length === 1, "the first client has left");
      const [connection] = host.left;
      connection!.send(Buffer.from("to nobody"), true);
      host.room.send(Buffer.from("to the room"), true);
      host.room.add(connection!);
      host.room.send(Buffer.from("to the room again"), true);
      host.room.delete(connection!);
      connection!.close();
      await until(() => stayer.received.length === 2, "the other client has both messages");
      assert.equal(leaver.received.length, 0, "a client that had closed its connection received a message");
    },
  },
  {
    id: "application-closes",
    description: "closes a client's connection at the application's close(), after delivering what was sent before",
    async run(kit) {
      const host = await kit.serve();
      const client = await kit.connect(host.addresses[0]!);
      await until(() => host.joined.length > 0, "the client has joined");
      host.joined[0]!.send(Buffer.from("last message"), true);
      host.joined[0]!.close();
      host.joined[0]!.close();
      await until(() => client.ended.length > 0 && host.left.length > 0, "both sides have closed");
      await kit.exchangeElsewhere();
      assertBurst(kit.guarantees, texts(client), ["last message"]);
      assertLeftOnce(host);
      assertClosedOnce(client);
      assert.equal(client.ended[0], undefined, "closed() was called with an error, but the application had closed");
    },
  },
  {
    id: "slow-client",
    description: "bounds the queue of a client that does not read, then drops the client and calls leave()",
    // A transport that may lose messages need not queue any, and a browser reads on where its process is stopped.
    appliesTo: ({ reliable = true, stopsReading = true }) => reliable && stopsReading,
    async run(kit) {
      const limits = { ...shortTimeouts, idleMs: 60_000, heartbeatMs: 60_000, queueBytes: 256 * 1024 };
      const host = await kit.serve({}, limits);
      const client = await kit.connectElsewhere(host.addresses[0]!, limits);
      await until(() => host.joined.length > 0, "the client has joined");
      client.kill("SIGSTOP");
      const payload = Buffer.alloc(64 * 1024, "z");
      for (let sent = 0; host.left.length === 0; sent += payload.length) {
        assert.ok(sent < mostUnreadBytes, `the server accepted ${sent} bytes for a client that does not read`);
        host.room.send(payload, false);
        await nextTick();
      }
      assertLeftOnce(host);
    },
  },
  trafficCheck,
  {
    id: "two-servers",
    description: "serves two applications in one process without mixing them",
    async run(kit) {
      const [first, second] = [await kit.serve(), await kit.serve()];
      const [a, b] = [await kit.connect(first.addresses[0]!), await kit.connect(second.addresses[0]!)];
      await until(() => first.joined.length === 1 && second.joined.length === 1, "each application has its client");
      first.room.send(Buffer.from("first"), true);
      second.room.send(Buffer.from("second"), true);
      await until(() => a.received.length > 0 && b.received.length > 0, "each client has its message");
      assert.deepEqual([texts(a), texts(b)], [["first"], ["second"]]);
      await first.close();
      second.room.send(Buffer.from("third"), true);
      await until(() => b.received.length === 2, "the second server still delivers");
    },
  },
];
