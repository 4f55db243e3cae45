import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Check } from "./test-kit.ts";
import { until } from "../lib/until.ts";

const quick = { idleMs: 200, handshakeMs: 400 };

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

/** What strangers, and the process around the server, can observe. */
export const robustnessChecks: Check[] = [
  {
    description: "drops the sender of a payload above the largest, and nobody else",
    async check(kit) {
      const limits = { ...quick, maxPayloadBytes: 1024 };
      const host = await kit.echo(limits);
      const [modest, greedy] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      greedy.send(Buffer.alloc(Math.min(100_000, kit.promises.maxPayloadBytes ?? Infinity), "x"), true);
      const hubKnows = (): boolean => !kit.seesApplication || host.left.length > 0;
      await until(() => greedy.ended.length > 0 && hubKnows(), "the sender is dropped");
      modest.send(Buffer.alloc(1024, "y"), true);
      await until(() => modest.received.length > 0, "the other still has its answer");
      const received = host.received.map(({ payload }) => payload.length);
      if (kit.seesApplication) assert.deepEqual(received, [1024], "the hub was told of more than the smaller payload");
    },
  },
  {
    description: "survives a stranger's garbage, whatever it is and however it ends",
    async check(kit) {
      const host = await kit.echo({ ...quick, idleMs: 3 * quick.idleMs }); // so many at once may keep a client waiting
      const client = await kit.connect(host.addresses[0]!);
      const strangers = Object.values(garbage).map((bytes) => kit.sendRaw(host.addresses[0]!, bytes));
      await delay(3 * quick.handshakeMs);
      for (const stranger of strangers) stranger.leave();
      const newcomer = await kit.connect(host.addresses[0]!);
      for (const each of [client, newcomer]) each.send(Buffer.from("unharmed"), true);
      await until(() => client.received.length + newcomer.received.length === 2, "both clients have their answers");
      if (kit.seesApplication)
        await until(() => host.joined.length - host.left.length === 2, "the hub is rid of the strangers");
    },
  },
  {
    description: "serves the clients that come to each address it was told to listen on",
    async check(kit) {
      const { addresses } = await kit.echo({ additionalHosts: ["127.0.0.2", "127.0.0.3"] });
      const clients = await Promise.all(addresses.map((address) => kit.connect(address)));
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`I came to door ${i}`), true);
      await until(() => clients.every(({ received }) => received.length > 0), "everybody has an answer");
      assert.deepEqual(
        clients.map(({ received }) => received.map(({ payload }) => payload.toString())),
        ["I came to door 0", "I came to door 1", "I came to door 2"].map((answer) => [answer]),
      );
    },
  },
  {
    description: "leaves nothing behind that keeps the process alive after close",
    async check(kit) {
      const child = kit.fork("serve and stop", { options: kit.options });
      let code: number | null | undefined;
      let left: unknown = "it does not say what";
      child.once("exit", (exit) => (code = exit));
      child.on("message", (message) => (left = message));
      const ended = (): string => `the process that served has ended by itself, in which is left: ${String(left)}`;
      await until(() => code !== undefined, ended);
      assert.equal(code, 0, `the process that served has ended with code ${code}`);
    },
  },
];
