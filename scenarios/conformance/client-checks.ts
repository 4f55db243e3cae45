import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../lib/until.ts";
import type { Check } from "./check.ts";
import { assertBurst, receiveBurst } from "./delivery-order.ts";
import { assertClosedOnce, texts, type Kit } from "./test-kit.ts";

/** Payloads that have broken a transport before. Each is sent as binary and, if it is valid UTF-8, also as text. */
const awkwardPayloads: readonly [id: string, name: string, payload: Buffer][] = [
  ["payload-empty", "an empty payload", Buffer.alloc(0)],
  ["payload-one-byte", "one byte", Buffer.from("a")],
  ["payload-every-byte", "every byte value", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  [
    "payload-latin-1",
    "every Latin-1 character",
    Buffer.from(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("")),
  ],
  ["payload-line-ends", "line ends", Buffer.from("\r\n\n\r a\r\n\r\nb \n")],
  ["payload-nul", "NUL bytes", Buffer.from("\0a\0\0b\0")],
  ["payload-quotes", "quotes, backslashes and separators", Buffer.from('"\\" \\u0000 \u2028\u2029 </script> 0:{}')],
  ["payload-astral", "characters above U+FFFF", Buffer.from("🛰️ 𝒳 👩‍👩‍👧‍👦 \u{10FFFF}")],
  ["payload-64-kib", "64 KiB and one byte", Buffer.alloc(64 * 1024 + 1, "0123456789abcdef-")],
  ["payload-1-mib", "1 MiB", Buffer.alloc(1024 * 1024, "The quick brown fox. ")],
];

const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);

/** The first difference between two payloads, in a few words. */
function difference(sent: Buffer, received: Buffer): string {
  if (sent.length !== received.length) return `${sent.length} bytes were sent, ${received.length} arrived`;
  const at = sent.findIndex((byte, i) => received[i] !== byte);
  return `byte ${at} is ${received[at]}, not ${sent[at]}`;
}

/** Sends a payload to an echo server, as text and as binary, and compares what comes back. */
async function assertEchoedUnchanged(kit: Kit, payload: Buffer): Promise<void> {
  const { binary = true, ordered = true } = kit.guarantees;
  const { addresses } = await kit.echo();
  const client = await kit.connect(addresses[0]!);
  const kinds = [true, false].filter((text) => (text ? isUtf8(payload) : binary));
  for (const [i, text] of kinds.entries()) {
    client.send(payload, text);
    if (!ordered) await until(() => client.received.length > i, "the echo has arrived");
  }
  const { received } = client;
  await until(
    () => received.length >= kinds.length,
    () => `every echo has arrived: ${received.length} of ${kinds.length} have`,
  );
  assert.equal(received.length, kinds.length, `${kinds.length} messages were sent, ${received.length} came back`);
  for (const [i, text] of kinds.entries()) {
    const [kind, otherKind] = text ? ["text", "binary"] : ["binary", "text"];
    const echo = received[i]!;
    assert.equal(echo.text, text, `a ${kind} message came back as ${otherKind}`);
    assert.ok(
      echo.payload.equals(payload),
      `the payload of a ${kind} message changed: ${difference(payload, echo.payload)}`,
    );
  }
}

/** Checks of the client's side. The server may be on another host or in another language. */
export const clientChecks: Check[] = [
  ...awkwardPayloads.map(([id, name, payload]): Check => ({
    id,
    description: `carries ${name} unchanged both ways`,
    appliesTo: ({ maxPayloadBytes = Infinity }) => payload.length <= maxPayloadBytes,
    run: (kit) => assertEchoedUnchanged(kit, payload),
  })),
  {
    id: "payload-largest",
    description: "carries the largest payload of its guarantees unchanged both ways",
    appliesTo: ({ maxPayloadBytes }) => maxPayloadBytes !== undefined,
    run: (kit) => assertEchoedUnchanged(kit, Buffer.alloc(kit.guarantees.maxPayloadBytes!, "0123456789abcdef-")),
  },
  {
    id: "burst-echoed",
    description: "delivers 1,000 back-to-back messages separately, in order and once each, both ways",
    async run(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      const sent = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
      const isText = (i: number): boolean => i % 3 > 0 || kit.guarantees.binary === false;
      for (const [i, message] of sent.entries()) client.send(Buffer.from(message), isText(i));
      const arrived = await receiveBurst(kit.guarantees, client, sent);
      assertBurst(kit.guarantees, arrived, sent);
      const changed = client.received.find(({ text }, i) => text !== isText(sent.indexOf(arrived[i]!)));
      assert.equal(changed, undefined, `a message of the other kind came back as ${changed?.text ? "text" : "binary"}`);
    },
  },
  {
    id: "send-copies-payload",
    description: "sends the payload as it is when send() is called, even if the buffer changes right after",
    async run(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      const { maxPayloadBytes = Infinity, ordered = true, binary = true } = kit.guarantees;
      const sent = [10, 126, 5_000, 100_000]
        .filter((length) => length <= maxPayloadBytes)
        .flatMap((length) => [Buffer.alloc(length, "as sent "), Buffer.alloc(length, "é")]);
      for (const [i, original] of sent.entries()) {
        const payload = Buffer.from(original);
        client.send(payload, i % 4 < 2 || !binary);
        payload.fill("!");
        if (!ordered) await until(() => client.received.length > i, "the echo has arrived");
      }
      await until(() => client.received.length >= sent.length, "every echo has arrived");
      for (const [i, original] of sent.entries()) {
        const { payload } = client.received[i]!;
        const message = `the payload is not the one at the time of send(): ${difference(original, payload)}`;
        assert.ok(payload.equals(original), message);
      }
    },
  },
  {
    id: "hundred-clients",
    description: "connects 100 clients at once and returns to each its own message",
    appliesTo: (_guarantees, { clientsPerPage = 100 }) => clientsPerPage >= 100, // 25 pages open too slowly for a check
    async run(kit) {
      const { addresses } = await kit.echo();
      const clients = await kit.connectMany(100, addresses[0]!);
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`client ${i}`), true);
      await until(() => clients.every(({ received }) => received.length > 0), "every client has its echo");
      for (const [i, client] of clients.entries()) assert.deepEqual(texts(client), [`client ${i}`]);
    },
  },
  {
    id: "connect-refused",
    description: "rejects connect() with an Error if no server listens",
    async run(kit) {
      const server = await kit.echo();
      await server.close();
      const outcome = await kit.connect(server.addresses[0]!).catch((error: unknown) => error);
      assert.ok(outcome instanceof Error, "no server listens, but connect() did not reject with an Error");
    },
  },
  {
    id: "idle-connection",
    description: "keeps an idle connection open for many times its time-outs",
    async run(kit) {
      const short = { handshakeMs: 250, idleMs: 150, heartbeatMs: 100, holdMs: 100, pollIntervalMs: 50 };
      const { addresses, left } = await kit.echo(short);
      const client = await kit.connect(addresses[0]!, short);
      await delay(10 * short.idleMs);
      client.send(Buffer.from("still connected"), true);
      await until(() => client.received.length === 1 || client.ended.length > 0, "the idle client has its echo");
      assert.equal(client.ended.length + left.length, 0, "the idle client has lost its connection");
    },
  },
  {
    id: "client-closes",
    description: "calls the client's closed() once, without an error, if the client closes its connection",
    async run(kit) {
      const { addresses } = await kit.echo();
      const client = await kit.connect(addresses[0]!);
      client.send(Buffer.from("before"), true);
      await until(() => client.received.length > 0, "the client has its echo");
      client.close();
      client.close();
      client.send(Buffer.from("after"), true);
      await until(() => client.ended.length > 0, "closed() was called");
      await kit.exchangeElsewhere();
      assertClosedOnce(client);
      assert.equal(client.ended[0], undefined, "closed() was called with an error, but the client itself had closed");
      assert.equal(client.received.length, 1, "a message that was sent after close() was answered");
    },
  },
  {
    id: "server-stops",
    description: "calls closed() of every client once if the server stops",
    async run(kit) {
      const server = await kit.echo();
      const clients = await kit.connectMany(10, server.addresses[0]!);
      await server.close();
      await until(() => clients.every(({ ended }) => ended.length > 0), "closed() of every client was called");
      await kit.exchangeElsewhere();
      for (const client of clients) assertClosedOnce(client);
    },
  },
];
