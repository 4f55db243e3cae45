import { hostApplication } from "../../servers/lib/hosting/host.ts";
import type { Room } from "../../scenarios/contract.ts";
import { defaultOptions } from "../../scenarios/transports/load-transport.ts";

/**
 * A room on a carrier whose connections only count: what a server half of ours does for a delivery, but for the socket. Each call sends
 * `payload` so many times and ends the turn; it returns the deliveries.
 */
export function hostedRoom(
  receivers: number,
  payload: Buffer,
  times: number,
  encode: (payload: Buffer, text: boolean) => Buffer,
): () => number {
  let room: Room | undefined;
  const { counts, join, flush } = hostApplication<{ bytes: number }, Buffer>(
    (openRoom) => {
      const all = (room = openRoom());
      return { join: (connection) => all.add(connection), receive: () => undefined, leave: () => undefined };
    },
    {
      encode,
      concat: (encoded) => Buffer.concat(encoded),
      push(wire, { length }) {
        wire.bytes += length;
        return true;
      },
      queuedBytes: () => 0,
      close: () => undefined,
      drop: () => undefined,
    },
    defaultOptions,
  );
  for (let i = 0; i < receivers; i++) join({ bytes: 0 });
  return function deliver() {
    const before = counts.payloadsOut;
    for (let i = 0; i < times; i++) room!.send(payload, true);
    flush();
    return counts.payloadsOut - before;
  };
}
