import type { Cost, Formula, Place } from "./formulas.ts";
import { bringsNothing } from "./http1-formula.ts";
import { frameBytes, upgrade } from "./frame-sizes.ts";
import { frames, joined, joining, opening, packets, sid } from "./engine-io-sizes.ts";
import { asks, opens, polling, posts, sum } from "./socket-io-polling-formula.ts";

/** The set-up over WebSocket only. `joins` are the client's and the server's packets of that name. */
function webSocketSetUp(place: Place, joins: readonly [bytesIn: number, bytesOut: number]): Cost {
  const { duplex } = upgrade("/socket.io/?EIO=4&transport=websocket", place);
  return {
    duplex: {
      in: duplex.in + frameBytes(joins[0], true),
      out: duplex.out + frames([opening(place, []).length, joins[1]], false),
    },
  };
}

const socketIo = {
  setUp: (place) => webSocketSetUp(place, [joining.length, joined.length]),
  send: (payload, text) => ({ duplex: { in: frames(packets(payload, text), true), out: 0 } }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: frames(packets(payload, text), false) } }),
  // The packet "2" from the server, "3" from the client.
  idle: { name: "heartbeat", cost: () => ({ duplex: { in: frameBytes(1, true), out: frameBytes(1, false) } }) },
} satisfies Formula;

/**
 * As it comes: a session is opened and joined by polling, one connection per request. Where the upgrade is not there before the client has
 * joined, it asks once more, and at the next of the server's looks, every 100 ms, is answered "6".
 */
const asItComes = {
  ...socketIo,
  pauseMs: 150,
  strays: (place) => [bringsNothing(asks(1, place, "close"))],
  setUp(place) {
    const { duplex } = upgrade(`/socket.io/?EIO=4&transport=websocket&sid=${sid}`, place);
    const extension = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    return {
      up: posts(joining.length, place, "close"),
      down: sum([opens(place, ["websocket"], "close"), asks(joined.length, place, "close")]),
      duplex: {
        in: duplex.in + extension.length + frames(["2probe".length, "5".length], true),
        out: duplex.out + frameBytes("3probe".length, false),
      },
      asks: 1,
    };
  },
} satisfies Formula;

/** Each message to a client ends with an offset: a time, and a number where it is not the first in its millisecond, which it is here. */
const offset = `,"${"o".repeat(7)}"`;
const recovery = {
  ...socketIo,
  setUp: (place) => webSocketSetUp(place, [joining.length, `40${JSON.stringify({ sid, pid: sid })}`.length]),
  delivery: (payload, text) => ({ duplex: { in: 0, out: frames(packets(payload, text, offset), false) } }),
} satisfies Formula;

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
      packedPacket(1 + word("sid") + word(sid) + word("pid") + undefinedBytes),
    ]),
  send: (payload, text) => ({ duplex: { in: frameBytes(packedEvent(payload, text) + clientOptions, true), out: 0 } }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: frameBytes(packedEvent(payload, text), false) } }),
} satisfies Formula;

/** What Socket.IO must cost, by the name of the transport. */
export const socketIoFormulas: Record<string, Formula> = {
  "socket.io": socketIo,
  "socket.io-default": asItComes,
  "socket.io-polling": polling,
  "socket.io-msgpack": msgpack,
  "socket.io-recovery": recovery,
};
