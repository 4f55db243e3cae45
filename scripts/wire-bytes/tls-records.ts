import type { ByteCounts } from "../../scenarios/contract.ts";
import { emptyPollCost } from "./http1-formula.ts";
import { webSocketFrameBytes } from "./frame-sizes.ts";
import { packetBytes } from "./engine-io-sizes.ts";
import { pollBytes, pollingPacketBytes, postBytes } from "./socket-io-polling-formula.ts";
import {
  closeNotifyBytes,
  withHandshakes,
  recordCount,
  recordBytes,
  type RecordLayout,
  type RecordCounts,
} from "./tls-formula.ts";
import type { ByteCost, ByteContext } from "./formula.ts";

/** Number of records of parts that are written one after another. */
const separateRecords = (parts: readonly number[]): number => parts.reduce((sum, bytes) => sum + recordCount(bytes), 0);

const frameBytes = (payload: Buffer, text: boolean, masked: boolean): number[] =>
  packetBytes(payload, text).map((bytes) => webSocketFrameBytes(bytes, masked));

/** The Socket.IO library writes frame by frame. */
const socketIoServer: RecordLayout = {
  setUp: { duplex: { in: 2, out: 3 } },
  delivery: (payload, text) => ({ duplex: { in: 0, out: separateRecords(frameBytes(payload, text, false)) } }),
};
const socketIoLibrary: RecordLayout = {
  ...socketIoServer,
  send: (payload, text) => ({ duplex: { in: separateRecords(frameBytes(payload, text, true)), out: 0 } }),
};

/**
 * Size of the lean clients' write buffer (clients/lib/net/write-batch.ts). A frame that does not fit behind another one
 * is written by itself.
 */
const writeBufferBytes = 64 * 1024;

const exchangeRecords = (exchanges: readonly ByteCounts[]): ByteCounts => ({
  in: separateRecords(exchanges.map((exchange) => exchange.in)),
  out: separateRecords(exchanges.map((exchange) => exchange.out)),
});
const recordsPerPacket =
  (role: "up" | "down", exchangeBytes: typeof postBytes) =>
  (payload: Buffer, text: boolean, context: ByteContext): RecordCounts => ({
    [role]: exchangeRecords(pollingPacketBytes(payload, text).map((bytes) => exchangeBytes(bytes, context))),
  });

/** One record with this many WINDOW_UPDATE frames (RFC 9113, section 6.9). */
const windowUpdateRecord = (count: number): number => recordBytes(count * (9 + 4));

/**
 * Flow control of HTTP/2: up to three WINDOW_UPDATE frames in one record, in either direction, at any time. A message
 * that exceeds the window continues in another record after the update, so an update may also add the overhead of one
 * record in the other direction.
 */
function windowUpdateCosts(): readonly ByteCost[] {
  const updates = [3, 2, 1].map(windowUpdateRecord);
  const extraRecord = recordBytes(0);
  const eitherWay = (bytes: number, otherBytes: number): ByteCost[] => [
    { duplex: { in: bytes, out: otherBytes } },
    { duplex: { in: otherBytes, out: bytes } },
  ];
  return [
    ...updates.flatMap((bytes) => eitherWay(bytes, extraRecord)),
    ...updates.flatMap((bytes) => eitherWay(bytes, 0)),
  ];
}

/** An empty poll on a connection of its own, which is closed before the server counts the bytes of the poll. */
function extraPoll(context: ByteContext): ByteCost {
  const { in: bytesIn, out } = pollBytes(1, context, "close");
  const poll = emptyPollCost({ in: recordBytes(bytesIn), out: recordBytes(out) });
  const cost = withHandshakes(poll, { down: { opened: 1, closed: true } }, context);
  return { ...cost, emptyPollBytes: cost.emptyPollBytes! + closeNotifyBytes };
}

/** Record layouts by transport. A variant that has no entry uses the entry of its original. */
export const recordLayouts: Record<string, RecordLayout> = {
  "short-poll": { setUp: { up: { in: 1, out: 1 } } },
  "short-poll-close": { setUp: { up: { in: 1, out: 1 } }, connectionPerRequest: true },
  "long-poll": { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 0 } } },
  sse: { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 2 } } },
  "http-stream": { setUp: { up: { in: 1, out: 1 }, down: { in: 1, out: 1 } } },
  "h2-short-poll": { setUp: { duplex: { in: 2, out: 2 } }, sharesRecords: true },
  "h2-long-poll": { setUp: { duplex: { in: 3, out: 2 } }, sharesRecords: true },
  "h2-sse": { setUp: { duplex: { in: 3, out: 3 } } },
  ws: { setUp: { duplex: { in: 1, out: 1 } } },
  "socket.io": {
    ...socketIoServer,
    send(payload, text) {
      const sizes = frameBytes(payload, text, true);
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      const records = bytes > writeBufferBytes ? separateRecords(sizes) : recordCount(bytes);
      return { duplex: { in: records, out: 0 } };
    },
  },
  "socket.io-library": socketIoLibrary,
  "socket.io-recovery": socketIoLibrary,
  "socket.io-msgpack": { setUp: { duplex: { in: 2, out: 3 } } },
  // After the upgrade request the client sends "2probe" and "5", and the server sends "3probe".
  "socket.io-default": {
    ...socketIoLibrary,
    setUp: { up: { in: 1, out: 1 }, down: { in: 2, out: 2 }, duplex: { in: 3, out: 2 } },
    opened: { up: { opened: 1, closed: true }, down: { opened: 2, closed: true }, duplex: { opened: 1 } },
    backgroundTraffic: (context) => [extraPoll(context)],
  },
  "socket.io-polling": {
    setUp: { up: { in: 1, out: 1 }, down: { in: 3, out: 2 } },
    send: recordsPerPacket("up", postBytes),
    delivery: recordsPerPacket("down", pollBytes),
  },
  tcp: { setUp: { duplex: { in: 0, out: 0 } } },
  "tcp-lines": { setUp: { duplex: { in: 0, out: 0 } } },
  mqtt: { setUp: { duplex: { in: 2, out: 2 } } },
  "mqtt-qos1": { setUp: { duplex: { in: 2, out: 2 } } },
  "mqtt-session": { setUp: { duplex: { in: 2, out: 2 } } },
  grpc: { backgroundTraffic: windowUpdateCosts },
};
