import type { ByteCounts } from "../../scenarios/contract.ts";
import { isEmptyPoll } from "./http1-formula.ts";
import { webSocketFrameBytes } from "./frame-sizes.ts";
import { packetBytes } from "./engine-io-sizes.ts";
import { pollCosts, polledPackets, postCosts } from "./socket-io-polling-formula.ts";
import { closeNotifyBytes, tlsOpening, recordsOf, sealed, type RecordLayout, type RecordCount } from "./tls-formula.ts";
import type { ByteCost, ByteContext } from "./formula.ts";

/** Records of parts that are handed over one after another. */
const apart = (parts: readonly number[]): number => parts.reduce((sum, bytes) => sum + recordsOf(bytes), 0);

const frames = (payload: Buffer, text: boolean, masked: boolean): number[] =>
  packetBytes(payload, text).map((bytes) => webSocketFrameBytes(bytes, masked));

/** The library hands over frame by frame. */
const socketIoServer: RecordLayout = {
  setUp: { duplex: { in: 2, out: 3 } },
  delivery: (payload, text) => ({ duplex: { in: 0, out: apart(frames(payload, text, false)) } }),
};
const socketIoLibrary: RecordLayout = {
  ...socketIoServer,
  send: (payload, text) => ({ duplex: { in: apart(frames(payload, text, true)), out: 0 } }),
};

/** The lean clients' scratch buffer (clients/lib/net/write-batch.ts): what does not fit into it behind another frame is handed over by itself. */
const scratchBytes = 64 * 1024;

const exchanges = (all: readonly ByteCounts[]): ByteCounts => ({
  in: apart(all.map((each) => each.in)),
  out: apart(all.map((each) => each.out)),
});
const polled =
  (role: "up" | "down", weigh: typeof postCosts) =>
  (payload: Buffer, text: boolean, place: ByteContext): RecordCount => ({
    [role]: exchanges(polledPackets(payload, text).map((bytes) => weigh(bytes, place))),
  });

/** So many grants of flow control, which go in one record (RFC 9113, section 6.9). */
const grants = (count: number): number => sealed(count * (9 + 4));

/**
 * Grants come as they like, and a message that does not fit into what was granted goes on in another record when the next grant is there,
 * which is the only time that it takes one more.
 */
function granted(): readonly ByteCost[] {
  const counts = [3, 2, 1].map(grants);
  const more = sealed(0);
  const both = (bytes: number, other: number): ByteCost[] => [
    { duplex: { in: bytes, out: other } },
    { duplex: { in: other, out: bytes } },
  ];
  return [...counts.flatMap((bytes) => both(bytes, more)), ...counts.flatMap((bytes) => both(bytes, 0))];
}

/** An ask that brings nothing on a connection of its own, which is closed before the server takes note of what it carried. */
function asksAgain(place: ByteContext): ByteCost {
  const { in: bytesIn, out } = pollCosts(1, place, "close");
  const asked = isEmptyPoll({ in: sealed(bytesIn), out: sealed(out) });
  const cost = tlsOpening(asked, { down: { opened: 1, closed: true } }, place);
  return { ...cost, emptyBytes: cost.emptyBytes! + closeNotifyBytes };
}

/** How transports hand over what they say, and their variants where they have no line of their own. */
export const recordLayouts: Record<string, RecordLayout> = {
  "short-poll": { setUp: { up: { in: 1, out: 1 } } },
  "short-poll-close": { setUp: { up: { in: 1, out: 1 } }, closes: true },
  "long-poll": { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 0 } } },
  sse: { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 2 } } },
  "http-stream": { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 1 } } },
  "h2-short-poll": { setUp: { duplex: { in: 2, out: 2 } }, shares: true },
  "h2-long-poll": { setUp: { duplex: { in: 3, out: 2 } }, shares: true },
  "h2-sse": { setUp: { duplex: { in: 3, out: 3 } } },
  ws: { setUp: { duplex: { in: 1, out: 1 } } },
  "socket.io": {
    ...socketIoServer,
    send(payload, text) {
      const sizes = frames(payload, text, true);
      const bytes = sizes.reduce((sum, each) => sum + each, 0);
      return { duplex: { in: bytes > scratchBytes ? apart(sizes) : recordsOf(bytes), out: 0 } };
    },
  },
  "socket.io-library": socketIoLibrary,
  "socket.io-recovery": socketIoLibrary,
  "socket.io-msgpack": { setUp: { duplex: { in: 2, out: 3 } } },
  // An upgrade, after which the client says "2probe" and "5", and is answered the former.
  "socket.io-default": {
    ...socketIoLibrary,
    setUp: { up: { in: 1, out: 1 }, down: { in: 2, out: 2 }, duplex: { in: 3, out: 2 } },
    opens: { up: { opened: 1, closed: true }, down: { opened: 2, closed: true }, duplex: { opened: 1 } },
    backgroundTraffic: (place) => [asksAgain(place)],
  },
  "socket.io-polling": {
    setUp: { up: { in: 1, out: 1 }, down: { in: 3, out: 2 } },
    send: polled("up", postCosts),
    delivery: polled("down", pollCosts),
  },
  tcp: { setUp: { duplex: { in: 0, out: 0 } } },
  "tcp-lines": { setUp: { duplex: { in: 0, out: 0 } } },
  mqtt: { setUp: { duplex: { in: 2, out: 2 } } },
  "mqtt-qos1": { setUp: { duplex: { in: 2, out: 2 } } },
  grpc: { backgroundTraffic: granted },
};
