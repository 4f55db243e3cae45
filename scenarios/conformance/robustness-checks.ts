import assert from "node:assert/strict";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../lib/until.ts";
import { CheckSkipped, type Check } from "./check.ts";
import { shortTimeouts, texts } from "./test-kit.ts";

/** Input of raw clients. A server may mistake some of it for a slow client, but must survive all of it. */
const garbage: Record<string, Buffer | string> = {
  nothing: "",
  "random bytes": Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 24)),
  "half a frame": Buffer.from([0x82, 0xfe, 0x10]),
  "a giant length": Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
  "half a request": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
  "an unknown method": "BREW /poll HTTP/1.1\r\nHost: x\r\n\r\n",
  "an unknown path": "GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
  "an unknown session": "GET /poll/nobody?after=0 HTTP/1.1\r\nHost: x\r\n\r\n",
  "a handshake without a key": "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "an endless header": `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(100_000)}`,
  "a TLS ClientHello": Buffer.from("16030100c8010000c40303", "hex"),
};

/** Further loopback addresses, which Linux has without configuration. */
const additionalHosts = ["127.0.0.2", "127.0.0.3"];

/** Throws `CheckSkipped` if this machine cannot listen on an address. */
async function requireAddress(host: string): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", () => reject(new CheckSkipped(`this machine has no address ${host}`)));
    probe.listen({ host, port: 0 }, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}

const acceptedBytes = 1024;

/** Limits, raw clients, addresses and shutdown: what raw clients and the process of the server can observe. */
export const robustnessChecks: Check[] = [
  {
    id: "oversized-payload",
    description: "drops the sender of a payload above the largest accepted one, and no other client",
    appliesTo: ({ maxPayloadBytes = Infinity }) => maxPayloadBytes > acceptedBytes,
    async run(kit) {
      const host = await kit.echo({ ...shortTimeouts, maxPayloadBytes: acceptedBytes });
      const [accepted, dropped] = [await kit.connect(host.addresses[0]!), await kit.connect(host.addresses[0]!)];
      dropped.send(Buffer.alloc(Math.min(100_000, kit.guarantees.maxPayloadBytes ?? Infinity), "x"), true);
      const hasLeft = (): boolean => !kit.seesApplication || host.left.length > 0;
      await until(() => dropped.ended.length > 0 && hasLeft(), "the sender of the larger payload is dropped");
      accepted.send(Buffer.alloc(acceptedBytes, "y"), true);
      await until(() => accepted.received.length > 0, "the other client has its echo");
      const lengths = host.received.map(({ payload }) => payload.length);
      if (kit.seesApplication)
        assert.deepEqual(lengths, [acceptedBytes], "the application received more than the accepted payload");
    },
  },
  {
    id: "garbage",
    description: "survives raw clients that send garbage and reset their connections",
    async run(kit) {
      // A longer idle time-out: so many clients at once may keep the real client waiting.
      const host = await kit.echo({ ...shortTimeouts, idleMs: 3 * shortTimeouts.idleMs });
      const before = await kit.connect(host.addresses[0]!);
      const rawClients = Object.values(garbage).map((bytes) => kit.sendRaw(host.addresses[0]!, bytes));
      await delay(3 * shortTimeouts.handshakeMs); // past the handshake deadline of the raw clients
      for (const rawClient of rawClients) rawClient.leave();
      const after = await kit.connect(host.addresses[0]!);
      for (const client of [before, after]) client.send(Buffer.from("unharmed"), true);
      await until(() => before.received.length + after.received.length === 2, "both clients have their echo");
      if (kit.seesApplication)
        await until(() => host.joined.length - host.left.length === 2, "no raw client is left in the application");
    },
  },
  {
    id: "additional-hosts",
    description: "accepts clients at each address of the options",
    async run(kit) {
      for (const host of additionalHosts) await requireAddress(host);
      const { addresses } = await kit.echo({ additionalHosts });
      const clients = await Promise.all(addresses.map((address) => kit.connect(address)));
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`address ${i}`), true);
      await until(() => clients.every(({ received }) => received.length > 0), "every client has its echo");
      assert.deepEqual(clients.map(texts), [["address 0"], ["address 1"], ["address 2"]]);
    },
  },
  {
    id: "clean-exit",
    description: "leaves nothing behind that keeps the process alive after close()",
    async run(kit) {
      const child = kit.fork("serve and stop", { options: kit.options });
      let code: number | null | undefined;
      let resources: unknown = "unknown";
      child.once("exit", (exit) => (code = exit));
      child.on("message", (message) => (resources = message));
      await until(
        () => code !== undefined,
        () => `the process of the closed server has ended by itself; what keeps it alive: ${String(resources)}`,
      );
      assert.equal(code, 0, `the process of the closed server ended with code ${code}`);
    },
  },
];
