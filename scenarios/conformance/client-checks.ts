import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { firstOrderFault, assertBurst } from "./delivery-order.ts";
import { type TestClient, type Kit, type Check } from "./test-kit.ts";
import { until } from "../lib/until.ts";

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

/** How two payloads differ, in a few words. */
function difference(sent: Buffer, got: Buffer): string {
  if (sent.length !== got.length) return `${sent.length} bytes were sent, ${got.length} came`;
  const at = sent.findIndex((byte, i) => got[i] !== byte);
  return `byte ${at} is ${got[at]}, not ${sent[at]}`;
}

const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);

async function carriesUnchanged(kit: Kit, payload: Buffer): Promise<void> {
  const { binary = true } = kit.promises;
  const { addresses } = await kit.echo();
  const client = await kit.connect(addresses[0]!);
  const kinds = [true, false].filter((text) => (text ? isUtf8(payload) : binary));
  for (const [i, text] of kinds.entries()) {
    client.send(payload, text);
    if (kit.promises.ordered === false) await until(() => client.received.length > i, "it has come back");
  }
  await until(
    () => client.received.length >= kinds.length,
    () => `it has come back as text and as binary: ${client.received.length} of ${kinds.length} have`,
  );
  assert.equal(
    client.received.length,
    kinds.length,
    `${kinds.length} messages were sent, and ${client.received.length} came back`,
  );
  for (const [i, text] of kinds.entries()) {
    const [kind, got] = [text ? "text" : "binary", client.received[i]!];
    assert.equal(got.text, text, `what was sent as ${kind} has come back as ${text ? "binary" : "text"}`);
    assert.ok(
      got.payload.equals(payload),
      `the payload has changed, sent as ${kind}: ${difference(payload, got.payload)}`,
    );
  }
}

function assertEndedOnce({ ended }: TestClient): void {
  assert.equal(ended.length, 1, `closed() of the client's inbox was called ${ended.length} times, not once`);
}

/** What a client can observe: holds for a server on another host or in another language as well. */
export const clientChecks: Check[] = [
  ...Object.entries(awkward).map(([what, payload]): Check => ({
    description: `carries ${what} unchanged, there and back`,
    holds: ({ maxPayloadBytes = Infinity }) => payload.length <= maxPayloadBytes,
    check: (kit) => carriesUnchanged(kit, payload),
  })),
  {
    description: "carries the largest payload that it says it can, there and back",
    holds: ({ maxPayloadBytes }) => maxPayloadBytes !== undefined,
    check: (kit) => carriesUnchanged(kit, Buffer.alloc(kit.promises.maxPayloadBytes!, "0123456789abcdef-")),
  },
  {
    description: "keeps 1,000 back-to-back messages apart, in order, once each, both ways",
    async check(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      const sent = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
      const isText = (i: number): boolean => i % 3 > 0 || kit.promises.binary === false;
      for (const [i, message] of sent.entries()) client.send(Buffer.from(message), isText(i));
      const got = await firstOrderFault(kit.promises, client, sent);
      assertBurst(kit.promises, got, sent);
      const changed = client.received.find(({ text }, i) => text !== isText(sent.indexOf(got[i]!)));
      assert.equal(changed, undefined, `a ${changed?.text ? "binary" : "text"} message has come back as another kind`);
    },
  },
  {
    description: "sends what a payload was at the time, whatever becomes of it at once",
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
        if (!ordered) await until(() => client.received.length > i, "it has come back");
      }
      await until(() => client.received.length >= sent.length, "all have come back");
      for (const [i, each] of sent.entries()) {
        const got = client.received[i]!.payload;
        assert.ok(got.equals(each), `what was sent is not what the payload was at the time: ${difference(each, got)}`);
      }
    },
  },
  {
    description: "connects 100 clients at once and answers each its own",
    async check(kit) {
      const { addresses } = await kit.echo();
      const clients = await kit.connectMany(100, addresses[0]!);
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`I am ${i}`), true);
      await until(() => clients.every(({ received }) => received.length > 0), "everybody has an answer");
      for (const [i, { received }] of clients.entries())
        assert.deepEqual(
          received.map(({ payload }) => payload.toString()),
          [`I am ${i}`],
        );
    },
  },
  {
    description: "refuses to connect where nothing listens",
    async check(kit) {
      const server = await kit.echo();
      await server.close();
      const outcome = await kit.connect(server.addresses[0]!).catch((error: unknown) => error);
      assert.ok(outcome instanceof Error, "connect() has resolved, or rejected with no Error, where nothing listens");
    },
  },
  {
    description: "stays connected when idle, for many times its time-outs",
    async check(kit) {
      const short = { handshakeMs: 250, idleMs: 150, heartbeatMs: 100, holdMs: 100, pollIntervalMs: 50 };
      const { addresses, left } = await kit.echo(short);
      const client = await kit.connect(addresses[0]!, short);
      await delay(10 * short.idleMs);
      client.send(Buffer.from("still here"), true);
      await until(() => client.received.length === 1 || client.ended.length > 0, "the idle client has its answer");
      assert.equal(client.ended.length + left.length, 0, "the idle client has lost its link");
    },
  },
  {
    description: "tells the client once that it closed its own link",
    async check(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      client.send(Buffer.from("before"), true);
      await until(() => client.received.length > 0, "the client has its answer");
      client.close();
      client.close();
      client.send(Buffer.from("after"), true);
      await until(() => client.ended.length > 0, "the client is told");
      await delay(50);
      assertEndedOnce(client);
      assert.equal(client.ended[0], undefined, "it was told an error, but had said goodbye as the protocol has it");
      assert.equal(client.received.length, 1, "it has an answer to what it sent after it had closed its link");
    },
  },
  {
    description: "tells every client once when the server stops",
    async check(kit) {
      const server = await kit.echo();
      const clients = await kit.connectMany(10, server.addresses[0]!);
      await server.close();
      await until(() => clients.every(({ ended }) => ended.length > 0), "every client is told");
      await delay(50);
      for (const client of clients) assertEndedOnce(client);
    },
  },
];
