import assert from "node:assert/strict";
import type { ByteCounts } from "../contract.ts";
import { bytesOfAllRoles } from "../lib/traffic-counters.ts";
import { until } from "../lib/until.ts";
import { CheckSkipped, type Check } from "./check.ts";
import type { Kit } from "./test-kit.ts";

/** Payload sizes around the borders of common length fields. */
const payloadSizes = [0, 1, 125, 126, 5_000, 65_535, 65_536];

/** Bytes of a TLS 1.3 close_notify: header 5, alert 2, content type 1, tag 16 (RFC 8446, sections 5.2 and 6.1). */
const closeNotifyBytes = 24;

/**
 * One of two clients sends to the room of both. The server must count the payloads, and the bytes that pass a relay.
 */
export const trafficCheck: Check = {
  id: "traffic-counts",
  description: "counts exactly the bytes and payloads that pass",
  async run(kit) {
    const host = await kit.serve({ receive: (_sender, payload, text) => host.room.send(payload, text) });
    if (!host.traffic()) throw new CheckSkipped("the server's traffic() is undefined: its bytes are not known");
    const relay = await kit.relay(host.addresses[0]!);
    const clients = await Promise.all([kit.connect(relay.address), kit.connect(relay.address)]);
    await until(() => host.joined.length === 2, "both clients have joined");
    const { count, bytes } = await sendEverySize(kit, clients);
    for (const client of clients) client.close();
    await until(
      () => clients.every(({ ended }) => ended.length > 0) && host.left.length === 2,
      "both clients have left",
    );

    const { wire: _wire, pollsAnswered: _polls, emptyPollBytes: _emptyPolls, ...payloads } = host.traffic()!;
    assert.deepEqual(payloads, {
      payloadsIn: count,
      payloadBytesIn: bytes,
      payloadsOut: 2 * count,
      payloadBytesOut: 2 * bytes,
    });

    // The last bytes may still be under way. If the server closed first, it does not read a client's close_notify.
    const total = (way: keyof ByteCounts): number => bytesOfAllRoles(host.traffic()!)[way];
    const isUnreadClose = (unread: number): boolean =>
      kit.options.tls === true &&
      unread % closeNotifyBytes === 0 &&
      unread > 0 &&
      unread <= closeNotifyBytes * relay.connections();
    const sameIn = (): boolean => total("in") === relay.in() || isUnreadClose(relay.in() - total("in"));
    await until(
      () => sameIn() && total("out") === relay.out(),
      () => `server and relay count alike: in ${total("in")} and ${relay.in()}, out ${total("out")} and ${relay.out()}`,
    );
  },
};

/** Sends a payload of every size and kind from the first client, until every client has received them all. */
async function sendEverySize(
  { guarantees }: Kit,
  clients: Awaited<ReturnType<Kit["connectMany"]>>,
): Promise<{ count: number; bytes: number }> {
  const { maxPayloadBytes = Infinity, reliable = true, binary = true } = guarantees;
  const sizes = payloadSizes.filter((size) => size <= maxPayloadBytes);
  let [count, bytes] = [0, 0];
  const allReceived = (): boolean => clients.every(({ received }) => received.length === count);
  for (const size of sizes)
    for (const text of binary ? [true, false] : [true]) {
      clients[0]!.send(Buffer.alloc(size, "a"), text);
      count++;
      bytes += size;
      if (!reliable) await until(allReceived, "the message has arrived"); // one at a time, so that none is lost
    }
  await until(allReceived, "every message has arrived");
  return { count, bytes };
}
