import assert from "node:assert/strict";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { arrival, assertBurst } from "./bursts.ts";
import { until, type Sentence } from "./kit.ts";

const quick = { idleMs: 200, handshakeMs: 400 };
/** Where nobody but the heartbeat can tell that a client has gone. */
const lively = { ...quick, heartbeatMs: 200 };

/** Things strangers send; a server for another protocol may take some of them for a slow client, but never falls over. */
const garbage: Record<string, Buffer | string> = {
  nothing: "",
  "random bytes": Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 24)),
  "half a frame": Buffer.from([0x82, 0xfe, 0x10]),
  "a giant length": Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
  "half a request": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
  "a wrong method": "BREW /poll HTTP/1.1\r\nHost: x\r\n\r\n",
  "an unknown path": "GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
  "an unknown session": "GET /poll/nobody?after=0 HTTP/1.1\r\nHost: x\r\n\r\n",
  "a handshake without a key": "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "an endless header": `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(100_000)}`,
  "a TLS hello": Buffer.from("16030100c8010000c40303", "hex"),
};

/** What only the hub, or the process around the server, can observe. */
export const hubSentences: Sentence[] = [
  {
    says: "tells the hub once that a client joined and once that it left, also when close is called twice",
    async check(kit) {
      const { addresses, joined, left } = await kit.serve({}, quick);
      const client = await kit.connect(addresses[0]!, quick);
      await until(() => joined.length > 0, "the hub knows of the client");
      client.close();
      client.close();
      await until(() => left.length > 0, "the hub knows that it left");
      await delay(2 * quick.idleMs);
      assert.deepEqual(left, joined);
      assert.equal(joined.length, 1);
    },
  },
  {
    says: "tells the hub once when a client is killed without saying goodbye",
    async check(kit) {
      const { addresses, joined, left } = await kit.serve({}, lively);
      const elsewhere = await kit.connectElsewhere(addresses[0]!, lively);
      await until(() => joined.length > 0, "the hub knows of the client");
      elsewhere.kill("SIGKILL");
      await until(() => left.length > 0, "the hub knows that it has gone");
      await delay(2 * lively.idleMs);
      assert.deepEqual(left, joined);
    },
  },
  {
    says: "pushes to a client that has sent nothing",
    async check(kit) {
      const { addresses } = await kit.serve({ join: (link) => link.send(Buffer.from("welcome"), true) });
      const client = await kit.connect(addresses[0]!);
      await until(() => client.got.length > 0, "the client is welcomed");
      assert.equal(client.got[0]!.payload.toString(), "welcome");
    },
  },
  {
    says: "pushes 1,000 back-to-back messages in order, once each",
    async check(kit) {
      const { addresses, joined } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      await until(() => joined.length > 0, "the hub knows of the client");
      const sent = Array.from({ length: 1000 }, (_, i) => `push ${i}`);
      for (const [i, message] of sent.entries())
        joined[0]!.send(Buffer.from(message), i % 2 > 0 || kit.promises.binary === false);
      await arrival(kit.promises, client, sent.length);
      assertBurst(
        kit.promises,
        client.got.map(({ payload }) => payload.toString()),
        sent,
      );
    },
  },
  {
    says: "sends to one client and to no other",
    async check(kit) {
      const { addresses, joined } = await kit.serve();
      const [first, second] = [await kit.connect(addresses[0]!), await kit.connect(addresses[0]!)];
      await until(() => joined.length === 2, "the hub knows both");
      joined[1]!.send(Buffer.from("for the second"), true);
      await until(() => second.got.length > 0, "the second has it");
      joined[0]!.send(Buffer.from("for the first"), true);
      await until(() => first.got.length > 0, "the first has its own");
      assert.deepEqual([first.got.length, second.got.length], [1, 1]);
    },
  },
  {
    says: "delivers one payload to many at once, and not to those who are not in the room",
    async check(kit) {
      const host = await kit.serve();
      const clients = await kit.connectMany(50, host.addresses[0]!);
      await until(() => host.joined.length === 50, "the hub knows everybody");
      const outside = host.joined.slice(0, 10);
      for (const link of outside) host.room.delete(link);
      host.room.add(host.joined[20]!);
      host.room.send(Buffer.from("to the room"), true);
      host.room.send(Buffer.from([0, 1, 2]), kit.promises.binary === false);
      for (const link of outside) link.send(Buffer.from("to you"), true);
      const expected = host.joined.map((link) => (outside.includes(link) ? "to you" : "\0\x01\x02,to the room"));
      const count = (texts: readonly string[], text: string): number => texts.filter((each) => each === text).length;
      const texts = (): string[] =>
        clients.map(({ got }) =>
          got
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
    says: "drops a message to a client that has gone, without throwing",
    async check(kit) {
      const host = await kit.serve({}, quick);
      const [gone, stays] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      gone.close();
      await until(() => host.left.length === 1, "the hub knows that one left");
      const [link] = host.left;
      link!.send(Buffer.from("to nobody"), true);
      host.room.send(Buffer.from("to the rest"), true);
      host.room.add(link!);
      host.room.send(Buffer.from("to the rest again"), true);
      host.room.delete(link!);
      link!.close();
      await until(() => stays.got.length === 2, "the other has both");
      assert.equal(gone.got.length, 0);
    },
  },
  {
    says: "says goodbye to a client when the hub closes its link, after what was sent before",
    async check(kit) {
      const host = await kit.serve();
      const client = await kit.connect(host.addresses[0]!);
      await until(() => host.joined.length > 0, "the hub knows of the client");
      host.joined[0]!.send(Buffer.from("one more thing"), true);
      host.joined[0]!.close();
      host.joined[0]!.close();
      await until(() => client.ended.length > 0 && host.left.length > 0, "both sides are told");
      await delay(50);
      const got = client.got.map(({ payload }) => payload.toString());
      assertBurst(kit.promises, got, ["one more thing"]);
      assert.deepEqual([client.ended, host.left.length], [[undefined], 1]);
    },
  },
  {
    says: "drops the sender of a payload above the largest, and nobody else",
    async check(kit) {
      const limits = { ...quick, maxPayloadBytes: 1024 };
      const host = await kit.echo(limits);
      const [modest, greedy] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      greedy.send(Buffer.alloc(Math.min(100_000, kit.promises.maxPayloadBytes ?? Infinity), "x"), true);
      await until(() => greedy.ended.length > 0 && host.left.length > 0, "the sender is dropped");
      modest.send(Buffer.alloc(1024, "y"), true);
      await until(() => modest.got.length > 0, "the other still has its answer");
      assert.deepEqual(
        host.heard.map(({ payload }) => payload.length),
        [1024],
      );
    },
  },
  {
    says: "keeps a bounded amount for a client that does not read, then drops it and tells the hub",
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
      assert.deepEqual(host.left, host.joined);
    },
  },
  {
    says: "survives a stranger's garbage, whatever it is and however it ends",
    async check(kit) {
      const host = await kit.echo({ ...quick, idleMs: 3 * quick.idleMs }); // so many at once may keep a client waiting
      const client = await kit.connect(host.addresses[0]!);
      const strangers = Object.values(garbage).map((bytes) => kit.stranger(host.addresses[0]!, bytes));
      await delay(3 * quick.handshakeMs);
      for (const stranger of strangers) stranger.leave();
      const newcomer = await kit.connect(host.addresses[0]!);
      for (const each of [client, newcomer]) each.send(Buffer.from("unharmed"), true);
      await until(() => client.got.length + newcomer.got.length === 2, "both clients have their answers");
      await until(() => host.joined.length - host.left.length === 2, "the hub is rid of the strangers");
    },
  },
  {
    says: "counts exactly the bytes and payloads that passed",
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
      const have = (messages: number) => () => clients.every(({ got }) => got.length === messages);
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
      const { wire, exchanges: _exchanges, emptyBytes: _emptyBytes, ...payloads } = host.traffic()!;
      const bytes = kinds.length * sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(payloads, {
        payloadsIn: count,
        payloadBytesIn: bytes,
        payloadsOut: 2 * count,
        payloadBytesOut: 2 * bytes,
      });
      const total = (way: "in" | "out"): number => wire.up[way] + wire.down[way] + host.traffic()!.wire.duplex[way];
      // Under TLS, a client's goodbye is read by nobody where the server has closed already.
      const goodbyeBytes = kit.options.tls ? 24 : 0;
      const unread = (said: number): boolean =>
        said > 0 && said % goodbyeBytes === 0 && said <= goodbyeBytes * relay.connections();
      const allRead = (): boolean => total("in") === relay.in() || unread(relay.in() - total("in"));
      await until(() => allRead() && total("out") === relay.out(), "both counts agree");
    },
  },
  {
    says: "serves the clients that come to each address it was told to listen on",
    async check(kit) {
      const { addresses } = await kit.echo({ alsoAt: ["127.0.0.2", "127.0.0.3"] });
      const clients = await Promise.all(addresses.map((address) => kit.connect(address)));
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`I came to door ${i}`), true);
      await until(() => clients.every(({ got }) => got.length > 0), "everybody has an answer");
      assert.deepEqual(
        clients.map(({ got }) => got.map(({ payload }) => payload.toString())),
        ["I came to door 0", "I came to door 1", "I came to door 2"].map((answer) => [answer]),
      );
    },
  },
  {
    says: "serves two hubs in one process without mixing them",
    async check(kit) {
      const [one, other] = [await kit.serve(), await kit.serve()];
      const [a, b] = [await kit.connect(one.addresses[0]!), await kit.connect(other.addresses[0]!)];
      await until(() => one.joined.length === 1 && other.joined.length === 1, "each hub has its client");
      one.room.send(Buffer.from("one"), true);
      other.room.send(Buffer.from("other"), true);
      await until(() => a.got.length > 0 && b.got.length > 0, "each client has its message");
      assert.deepEqual(
        [a, b].map(({ got }) => got.map(({ payload }) => payload.toString())),
        [["one"], ["other"]],
      );
      await one.close();
      other.room.send(Buffer.from("alone"), true);
      await until(() => b.got.length === 2, "the other hub goes on");
    },
  },
  {
    says: "leaves nothing behind that keeps the process alive after close",
    async check(kit) {
      const child = kit.fork("serve and stop", { options: kit.options });
      let code: number | null | undefined;
      child.once("exit", (exit) => (code = exit));
      await until(() => code !== undefined, "the process that served has ended by itself");
      assert.equal(code, 0);
    },
  },
];
