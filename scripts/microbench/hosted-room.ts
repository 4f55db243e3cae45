import { hostApplication } from "../../servers/lib/hosting/host.ts";
import type { Room } from "../../scenarios/contract.ts";
import { defaultOptions } from "../../scenarios/transports/load-transport.ts";

/**
 * A room with `receivers` on a carrier whose connections only count bytes: the work of a server half for a delivery,
 * without the socket. Each call of the returned function sends `payload` `times` times, ends the tick, and returns the
 * number of deliveries.
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
      const everyone = (room = openRoom());
      return { join: (connection) => everyone.add(connection), receive: () => undefined, leave: () => undefined };
    },
    {
      encode,
      concat: (encoded) => Buffer.concat(encoded),
      push(connection, { length }) {
        connection.bytes += length;
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
