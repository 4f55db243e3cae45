import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { arrival, assertBurst } from "./bursts.ts";
import { until, type Kit, type Sentence } from "./kit.ts";

/** Payloads that have broken some transport before: as text where they are UTF-8, as binary always. */
const awkward: Record<string, Buffer> = {
  "nothing at all": Buffer.alloc(0),
  "one byte": Buffer.from("a"),
  "every byte value": Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  "every Latin-1 character": Buffer.from(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("")),
  "line ends": Buffer.from("\r\n\n\r a\r\n\r\nb \n"),
  NUL: Buffer.from("\0a\0\0b\0"),
  "quotes, backslashes and separators": Buffer.from('"\\" \\u0000 \u2028\u2029 </script> 0:{}'),
  "astral characters": Buffer.from("🛰️ 𝒳 👩‍👩‍👧‍👦 \u{10FFFF}"),
  "64 KiB + 1": Buffer.alloc(64 * 1024 + 1, "0123456789abcdef-"),
  "1 MiB": Buffer.alloc(1024 * 1024, "The quick brown fox. "),
};

const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);

async function carriesUnchanged(kit: Kit, payload: Buffer): Promise<void> {
  const { binary = true } = kit.promises;
  const { addresses } = await kit.echo();
  const client = await kit.connect(addresses[0]!);
  const kinds = [true, false].filter((text) => (text ? isUtf8(payload) : binary));
  for (const [i, text] of kinds.entries()) {
    client.send(payload, text);
    if (kit.promises.ordered === false) await until(() => client.got.length > i, "it has come back");
  }
  await until(() => client.got.length === kinds.length, "every kind has come back");
  for (const [i, text] of kinds.entries()) {
    assert.equal(client.got[i]!.text, text, "the kind has changed");
    assert.ok(client.got[i]!.payload.equals(payload), `the payload has changed (text: ${text})`);
  }
}

/** What a client can observe: holds for a server on another host or in another language as well. */
export const clientSentences: Sentence[] = [
  ...Object.entries(awkward).map(([what, payload]): Sentence => ({
    says: `carries ${what} unchanged, there and back`,
    holds: ({ maxPayloadBytes = Infinity }) => payload.length <= maxPayloadBytes,
    check: (kit) => carriesUnchanged(kit, payload),
  })),
  {
    says: "carries the largest payload that it says it can, there and back",
    holds: ({ maxPayloadBytes }) => maxPayloadBytes !== undefined,
    check: (kit) => carriesUnchanged(kit, Buffer.alloc(kit.promises.maxPayloadBytes!, "0123456789abcdef-")),
  },
  {
    says: "keeps 1,000 back-to-back messages apart, in order, once each, both ways",
    async check(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      const sent = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
      const isText = (i: number): boolean => i % 3 > 0 || kit.promises.binary === false;
      for (const [i, message] of sent.entries()) client.send(Buffer.from(message), isText(i));
      await arrival(kit.promises, client, sent.length);
      const got = client.got.map(({ payload }) => payload.toString());
      assertBurst(kit.promises, got, sent);
      assert.deepEqual(
        client.got.map(({ text }) => text),
        got.map((message) => isText(sent.indexOf(message))),
      );
    },
  },
  {
    says: "sends what a payload was at the time, whatever becomes of it at once",
    async check(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      const { maxPayloadBytes = Infinity, ordered = true, binary = true } = kit.promises;
      const sent = [10, 126, 5_000, 100_000]
        .filter((length) => length <= maxPayloadBytes)
        .flatMap((length) => [Buffer.alloc(length, "as sent "), Buffer.alloc(length, "é")]);
      for (const [i, each] of sent.entries()) {
        const payload = Buffer.from(each);
        client.send(payload, i % 4 < 2 || !binary);
        payload.fill("!");
        if (!ordered) await until(() => client.got.length > i, "it has come back");
      }
      await until(() => client.got.length >= sent.length, "all have come back");
      assert.ok(sent.every((each, i) => client.got[i]!.payload.equals(each)));
    },
  },
  {
    says: "connects 100 clients at once and answers each its own",
    async check(kit) {
      const { addresses } = await kit.echo();
      const clients = await kit.connectMany(100, addresses[0]!);
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`I am ${i}`), true);
      await until(() => clients.every(({ got }) => got.length > 0), "everybody has an answer");
      assert.deepEqual(
        clients.map(({ got }) => got.map(({ payload }) => payload.toString())),
        clients.map((_, i) => [`I am ${i}`]),
      );
    },
  },
  {
    says: "refuses to connect where nothing listens",
    async check(kit) {
      const server = await kit.echo();
      await server.close();
      await assert.rejects(kit.connect(server.addresses[0]!), Error);
    },
  },
  {
    says: "stays connected when idle, for many times its time-outs",
    async check(kit) {
      const short = { handshakeMs: 250, idleMs: 150, heartbeatMs: 100, holdMs: 100, pollIntervalMs: 50 };
      const { addresses, left } = await kit.echo(short);
      const client = await kit.connect(addresses[0]!, short);
      await delay(10 * short.idleMs);
      client.send(Buffer.from("still here"), true);
      await until(() => client.got.length === 1, "the idle client has its answer");
      assert.deepEqual({ left: left.length, ended: client.ended }, { left: 0, ended: [] });
    },
  },
  {
    says: "tells the client once that it closed its own link, and sends nothing after",
    async check(kit) {
      const { addresses, heard } = await kit.serve();
      const client = await kit.connect(addresses[0]!);
      client.send(Buffer.from("before"), true);
      if (kit.promises.flushesOnClose === false) await until(() => heard.length > 0, "the message is heard");
      client.close();
      client.close();
      client.send(Buffer.from("after"), true);
      await until(() => client.ended.length > 0, "the client is told");
      await delay(50);
      assert.deepEqual(client.ended, [undefined]);
      assert.deepEqual(
        heard.map(({ payload }) => payload.toString()),
        ["before"],
      );
    },
  },
  {
    says: "tells every client once when the server stops",
    async check(kit) {
      const server = await kit.echo();
      const clients = await kit.connectMany(10, server.addresses[0]!);
      await server.close();
      await until(() => clients.every(({ ended }) => ended.length > 0), "every client is told");
      await delay(50);
      assert.ok(
        clients.every(({ ended }) => ended.length === 1),
        "a client was told more than once",
      );
    },
  },
];
