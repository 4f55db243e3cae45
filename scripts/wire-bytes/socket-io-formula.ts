import { isEmptyPoll } from "./http1-formula.ts";
import { webSocketFrameBytes, upgradeBytes } from "./frame-sizes.ts";
import { framedBytes, joinedBytes, joiningBytes, openingBytes, packetBytes, exampleSid } from "./engine-io-sizes.ts";
import { pollCosts, openCosts, pollingCarrier, postCosts, sumPollingCosts } from "./socket-io-polling-formula.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/** The set-up over WebSocket only. `joins` are the client's and the server's packets of that name. */
function webSocketSetUp(place: ByteContext, joins: readonly [bytesIn: number, bytesOut: number]): ByteCost {
  const { duplex } = upgradeBytes("/socket.io/?EIO=4&transport=websocket", place);
  return {
    duplex: {
      in: duplex.in + webSocketFrameBytes(joins[0], true),
      out: duplex.out + framedBytes([openingBytes(place, []).length, joins[1]], false),
    },
  };
}

const socketIo = {
  setUp: (place) => webSocketSetUp(place, [joiningBytes.length, joinedBytes.length]),
  send: (payload, text) => ({ duplex: { in: framedBytes(packetBytes(payload, text), true), out: 0 } }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: framedBytes(packetBytes(payload, text), false) } }),
  // The packet "2" from the server, "3" from the client.
  idle: {
    name: "heartbeat",
    cost: () => ({ duplex: { in: webSocketFrameBytes(1, true), out: webSocketFrameBytes(1, false) } }),
  },
} satisfies WireFormula;

/**
 * As it comes: a session is opened and joined by polling, one connection per request. Where the upgrade is not there before the client has
 * joined, it asks once more, and at the next of the server's looks, every 100 ms, is answered "6".
 */
const asItComes = {
  ...socketIo,
  pauseMs: 150,
  backgroundTraffic: (place) => [isEmptyPoll(pollCosts(1, place, "close"))],
  setUp(place) {
    const { duplex } = upgradeBytes(`/socket.io/?EIO=4&transport=websocket&sid=${exampleSid}`, place);
    const extension = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    return {
      up: postCosts(joiningBytes.length, place, "close"),
      down: sumPollingCosts([openCosts(place, ["websocket"], "close"), pollCosts(joinedBytes.length, place, "close")]),
      duplex: {
        in: duplex.in + extension.length + framedBytes(["2probe".length, "5".length], true),
        out: duplex.out + webSocketFrameBytes("3probe".length, false),
      },
      polls: 1,
    };
  },
} satisfies WireFormula;

/** Each message to a client ends with an offset: a time, and a number where it is not the first in its millisecond, which it is here. */
const offset = `,"${"o".repeat(7)}"`;
const recovery = {
  ...socketIo,
  setUp: (place) =>
    webSocketSetUp(place, [joiningBytes.length, `40${JSON.stringify({ sid: exampleSid, pid: exampleSid })}`.length]),
  delivery: (payload, text) => ({ duplex: { in: 0, out: framedBytes(packetBytes(payload, text, offset), false) } }),
} satisfies WireFormula;

/** Bytes of a string or of binary data in MessagePack, by the bounds at which its length takes more. */
function packed(payloadBytes: number, text: boolean): number {
  const lengthBytes = payloadBytes <= 255 ? 1 : payloadBytes <= 65_535 ? 2 : 4;
  return (text && payloadBytes <= 31 ? 1 : 1 + lengthBytes) + payloadBytes;
}
const word = (text: string): number => packed(text.length, true);
/** A map of `type` (a small number), `data` and `nsp` ("/"). */
const packedPacket = (dataBytes: number): number =>
  1 + word("type") + 1 + word("data") + dataBytes + word("nsp") + word("/");
const packedEvent = (payload: Buffer, text: boolean): number =>
  packedPacket(1 + word("chat") + packed(payload.length, text));
/** What the client adds to each event: its options, `{ compress: true }`. */
const clientOptions = word("options") + 1 + word("compress") + 1;
/** What notepack.io makes of undefined: an extension of type 0. */
const undefinedBytes = 3;

const msgpack = {
  ...socketIo,
  setUp: (place) =>
    webSocketSetUp(place, [
      packedPacket(undefinedBytes),
      packedPacket(1 + word("sid") + word(exampleSid) + word("pid") + undefinedBytes),
    ]),
  send: (payload, text) => ({
    duplex: { in: webSocketFrameBytes(packedEvent(payload, text) + clientOptions, true), out: 0 },
  }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: webSocketFrameBytes(packedEvent(payload, text), false) } }),
} satisfies WireFormula;

/** What Socket.IO must cost, by the name of the transport. */
export const socketIoFormulas: Record<string, WireFormula> = {
  "socket.io": socketIo,
  "socket.io-default": asItComes,
  "socket.io-polling": pollingCarrier,
  "socket.io-msgpack": msgpack,
  "socket.io-recovery": recovery,
};
