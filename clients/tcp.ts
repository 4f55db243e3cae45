import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { recordHeaderBytes } from "../servers/lib/records.ts";
import { recordUnits, writeRecord } from "./lib/records.ts";
import { openWire, type Wire } from "./lib/wire.ts";

/** Raw TCP, lean: one record of 4 + payload bytes per message. */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const records = recordUnits(
    options.maxPayloadBytes,
    (payload, text) => inbox.receive(payload, text),
    (error) => wire.destroy(error),
  );
  const wire: Wire = await openWire(address, options.handshakeMs, {
    data: records.read,
    closed: (error) =>
      inbox.closed(error ?? (records.midway() ? new Error("the stream ended within a record") : undefined)),
  });
  wire.keepAlive(options.heartbeatMs);
  return {
    send(payload, text) {
      if (wire.isOpen()) writeRecord(wire.reserve(recordHeaderBytes + payload.length), payload, text);
    },
    close() {
      wire.end();
      wire.expireIn(options.handshakeMs, `the goodbye was not answered in ${options.handshakeMs} ms`);
    },
  };
}
