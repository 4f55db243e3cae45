import assert from "node:assert/strict";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { firstOrderFault, assertBurst } from "./delivery-order.ts";
import { type TestServer, type Check } from "./test-kit.ts";
import { until } from "../lib/until.ts";

const quick = { idleMs: 200, handshakeMs: 400 };
/** Where nobody but the heartbeat can tell that a client has gone. */
const lively = { ...quick, heartbeatMs: 200 };

/** Throws unless the hub was told that one client joined, once, and that it left, once. */
function assertLeftOnce({ joined, left }: Pick<TestServer, "joined" | "left">): void {
  const told = `the hub was told of one client that it joined ${joined.length} times and left ${left.length} times`;
  assert.deepEqual([joined.length, left.length], [1, 1], told);
  assert.equal(left[0], joined[0], "the hub was told that another link left than the one that joined");
}

/** What only the hub can observe. */
export const applicationChecks: Check[] = [
  {
    description: "tells the hub once that a client joined and once that it left, also when close is called twice",
    async check(kit) {
      const { addresses, joined, left } = await kit.serve({}, quick);
      const client = await kit.connect(addresses[0]!, quick);
      await until(() => joined.length > 0, "the hub knows of the client");
      client.close();
      client.close();
      await until(() => left.length > 0, "the hub knows that it left");
      await delay(2 * quick.idleMs);
      assertLeftOnce({ joined, left });
    },
  },
  {
    description: "tells the hub once when a client is killed without saying goodbye",
    async check(kit) {
      const { addresses, joined, left } = await kit.serve({}, lively);
      const elsewhere = await kit.connectElsewhere(addresses[0]!, lively);
      await until(() => joined.length > 0, "the hub knows of the client");
      elsewhere.kill("SIGKILL");
      await until(() => left.length > 0, "the hub knows that it has gone");
      await delay(2 * lively.idleMs);
      assertLeftOnce({ joined, left });
    },
  },
  {
    description: "tells the hub all that a client sent before it closed its link, and nothing that it sent after",
    async check(kit) {
      const { addresses, received, left } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      client.send(Buffer.from("before"), true);
      if (kit.promises.flushesOnClose === false) await until(() => received.length > 0, "the message is heard");
      client.close();
      client.send(Buffer.from("after"), true);
      await until(() => left.length > 0, "the hub knows that the client left");
      assert.deepEqual(
        received.map(({ payload }) => payload.toString()),
        ["before"],
      );
    },
  },
  {
    description: "pushes to a client that has sent nothing",
    async check(kit) {
      const { addresses } = await kit.serve({ join: (connection) => connection.send(Buffer.from("welcome"), true) });
      const client = await kit.connect(addresses[0]!);
      await until(() => client.received.length > 0, "the client is welcomed");
      assert.equal(client.received[0]!.payload.toString(), "welcome");
    },
  },
  {
    description: "pushes 1,000 back-to-back messages in order, once each",
    async check(kit) {
      const { addresses, joined } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      await until(() => joined.length > 0, "the hub knows of the client");
      const sent = Array.from({ length: 1000 }, (_, i) => `push ${i}`);
      for (const [i, message] of sent.entries())
        joined[0]!.send(Buffer.from(message), i % 2 > 0 || kit.promises.binary === false);
      assertBurst(kit.promises, await firstOrderFault(kit.promises, client, sent), sent);
    },
  },
  {
    description: "sends to one client and to no other",
    async check(kit) {
      const { addresses, joined } = await kit.serve();
      const [first, second] = [await kit.connect(addresses[0]!), await kit.connect(addresses[0]!)];
      await until(() => joined.length === 2, "the hub knows both");
      joined[1]!.send(Buffer.from("for the second"), true);
      await until(() => second.received.length > 0, "the second has it");
      joined[0]!.send(Buffer.from("for the first"), true);
      await until(() => first.received.length > 0, "the first has its own");
      assert.deepEqual([first.received.length, second.received.length], [1, 1]);
    },
  },
  {
    description: "delivers one payload to many at once, and not to those who are not in the room",
    async check(kit) {
      const host = await kit.serve();
      const clients = await kit.connectMany(50, host.addresses[0]!);
      await until(() => host.joined.length === 50, "the hub knows everybody");
      const outside = host.joined.slice(0, 10);
      for (const connection of outside) host.room.delete(connection);
      host.room.add(host.joined[20]!);
      host.room.send(Buffer.from("to the room"), true);
      host.room.send(Buffer.from([0, 1, 2]), kit.promises.binary === false);
      for (const link of outside) link.send(Buffer.from("to you"), true);
      const expected = host.joined.map((connection) =>
        outside.includes(connection) ? "to you" : "\0\x01\x02,to the room",
      );
      const count = (texts: readonly string[], text: string): number => texts.filter((each) => each === text).length;
      const texts = (): string[] =>
        clients.map(({ received }) =>
          received
            .map((each) => each.payload.toString())
            .toSorted()
            .join(),
        );
      await until(
        () => expected.every((text) => count(texts(), text) === count(expected, text)),
        "everybody has just what was for them",
      );
    },
  },
  {
    description: "drops a message to a client that has gone, without throwing",
    async check(kit) {
      const host = await kit.serve({}, quick);
      const [gone, stays] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      gone.close();
      await until(() => host.left.length === 1, "the hub knows that one left");
      const [connection] = host.left;
      connection!.send(Buffer.from("to nobody"), true);
      host.room.send(Buffer.from("to the rest"), true);
      host.room.add(connection!);
      host.room.send(Buffer.from("to the rest again"), true);
      host.room.delete(connection!);
      connection!.close();
      await until(() => stays.received.length === 2, "the other has both");
      assert.equal(gone.received.length, 0, "the client that had closed its link was still told of a message");
    },
  },
  {
    description: "says goodbye to a client when the hub closes its link, after what was sent before",
    async check(kit) {
      const host = await kit.serve();
      const client = await kit.connect(host.addresses[0]!);
      await until(() => host.joined.length > 0, "the hub knows of the client");
      host.joined[0]!.send(Buffer.from("one more thing"), true);
      host.joined[0]!.close();
      host.joined[0]!.close();
      await until(() => client.ended.length > 0 && host.left.length > 0, "both sides are told");
      await delay(50);
      const got = client.received.map(({ payload }) => payload.toString());
      assertBurst(kit.promises, got, ["one more thing"]);
      assertLeftOnce(host);
      assert.equal(
        client.ended.length,
        1,
        `closed() of the client's inbox was called ${client.ended.length} times, not once`,
      );
      assert.equal(client.ended[0], undefined, "the client was told an error, but the hub had said goodbye");
    },
  },
  {
    description: "keeps a bounded amount for a client that does not read, then drops it and tells the hub",
    holds: ({ reliable = true }) => reliable, // what may lose messages need not keep any
    async check(kit) {
      const limits = { ...quick, idleMs: 60_000, heartbeatMs: 60_000, queueBytes: 256 * 1024 };
      const host = await kit.serve({}, limits);
      const stuck = await kit.connectElsewhere(host.addresses[0]!, limits);
      await until(() => host.joined.length > 0, "the hub knows of the client");
      stuck.kill("SIGSTOP");
      const payload = Buffer.alloc(64 * 1024, "z");
      const kernelAndQueue = 64 * 1024 * 1024;
      for (let sent = 0; host.left.length === 0; sent += payload.length) {
        assert.ok(sent < kernelAndQueue, `${sent} bytes were taken for a client that does not read`);
        host.room.send(payload, false);
        await nextTurn();
      }
      assertLeftOnce(host);
    },
  },
  {
    description: "counts exactly the bytes and payloads that passed",
    async check(kit) {
      const host = await kit.serve({ receive: (_link, payload, text) => host.room.send(payload, text) });
      if (!host.traffic()) return; // it says that it cannot know
      const relay = await kit.relay(host.addresses[0]!);
      const clients = await Promise.all([kit.connect(relay.address), kit.connect(relay.address)]);
      await until(() => host.joined.length === 2, "the hub knows both");
      const { maxPayloadBytes = Infinity, reliable = true, binary = true } = kit.promises;
      const sizes = [0, 1, 125, 126, 5_000, 65_535, 65_536].filter((size) => size <= maxPayloadBytes);
      const kinds = binary ? [true, false] : [true];
      const count = kinds.length * sizes.length;
      const have = (messages: number) => () => clients.every(({ received }) => received.length === messages);
      let sent = 0;
      for (const size of sizes)
        for (const text of kinds) {
          clients[0].send(Buffer.alloc(size, "a"), text);
          sent++;
          if (!reliable) await until(have(sent), "it has arrived"); // one at a time, so that none is lost
        }
      await until(have(count), "everything has arrived");
      for (const client of clients) client.close();
      await until(() => clients.every(({ ended }) => ended.length > 0) && host.left.length === 2, "both have left");
      const { wire: _wire, pollsAnswered: _exchanges, emptyPollBytes: _emptyBytes, ...payloads } = host.traffic()!;
      const bytes = kinds.length * sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(payloads, {
        payloadsIn: count,
        payloadBytesIn: bytes,
        payloadsOut: 2 * count,
        payloadBytesOut: 2 * bytes,
      });
      const total = (way: "in" | "out"): number =>
        Object.values(host.traffic()!.wire).reduce((sum, role) => sum + role[way], 0); // goodbyes are still under way
      // Under TLS, a client's goodbye is read by nobody where the server has closed already.
      const goodbyeBytes = kit.options.tls ? 24 : 0;
      const unread = (said: number): boolean =>
        said > 0 && said % goodbyeBytes === 0 && said <= goodbyeBytes * relay.connections();
      const allRead = (): boolean => total("in") === relay.in() || unread(relay.in() - total("in"));
      await until(
        () => allRead() && total("out") === relay.out(),
        () => `both counts agree: in ${total("in")} and ${relay.in()}, out ${total("out")} and ${relay.out()}`,
      );
    },
  },
  {
    description: "serves two hubs in one process without mixing them",
    async check(kit) {
      const [one, other] = [await kit.serve(), await kit.serve()];
      const [a, b] = [await kit.connect(one.addresses[0]!), await kit.connect(other.addresses[0]!)];
      await until(() => one.joined.length === 1 && other.joined.length === 1, "each hub has its client");
      one.room.send(Buffer.from("one"), true);
      other.room.send(Buffer.from("other"), true);
      await until(() => a.received.length > 0 && b.received.length > 0, "each client has its message");
      assert.deepEqual(
        [a, b].map(({ received }) => received.map(({ payload }) => payload.toString())),
        [["one"], ["other"]],
      );
      await one.close();
      other.room.send(Buffer.from("alone"), true);
      await until(() => b.received.length === 2, "the other hub goes on");
    },
  },
];
