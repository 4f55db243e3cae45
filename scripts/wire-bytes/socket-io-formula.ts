import { emptyPollCost } from "./http1-formula.ts";
import { webSocketFrameBytes, upgradeCost } from "./frame-sizes.ts";
import { webSocketBytes, connectReply, connectPacket, openPacket, packetBytes, exampleSid } from "./engine-io-sizes.ts";
import { pollBytes, openBytes, socketIoPolling, postBytes, sumBytes } from "./socket-io-polling-formula.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/** Set-up over WebSocket only. `connectBytes` are the sizes of the CONNECT packets, the client's and the server's. */
function webSocketSetUp(context: ByteContext, connectBytes: readonly [bytesIn: number, bytesOut: number]): ByteCost {
  const { duplex } = upgradeCost("/socket.io/?EIO=4&transport=websocket", context);
  return {
    duplex: {
      in: duplex.in + webSocketFrameBytes(connectBytes[0], true),
      out: duplex.out + webSocketBytes([openPacket(context, []).length, connectBytes[1]], false),
    },
  };
}

const socketIo = {
  setUp: (context) => webSocketSetUp(context, [connectPacket.length, connectReply.length]),
  send: (payload, text) => ({ duplex: { in: webSocketBytes(packetBytes(payload, text), true), out: 0 } }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: webSocketBytes(packetBytes(payload, text), false) } }),
  // The packet "2" from the server, "3" from the client.
  idle: {
    name: "heartbeat",
    cost: () => ({ duplex: { in: webSocketFrameBytes(1, true), out: webSocketFrameBytes(1, false) } }),
  },
} satisfies WireFormula;

/**
 * Socket.IO with its default settings: the session begins with polling, one connection per request, and then upgrades
 * to WebSocket. If the client joins before the upgrade is complete, it polls once more. The server checks every 100 ms
 * and then answers that poll with "6".
 */
const defaultSettings = {
  ...socketIo,
  setUpPauseMs: 150,
  backgroundTraffic: (context) => [emptyPollCost(pollBytes(1, context, "close"))],
  setUp(context) {
    const { duplex } = upgradeCost(`/socket.io/?EIO=4&transport=websocket&sid=${exampleSid}`, context);
    const extension = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    return {
      up: postBytes(connectPacket.length, context, "close"),
      down: sumBytes([openBytes(context, ["websocket"], "close"), pollBytes(connectReply.length, context, "close")]),
      duplex: {
        in: duplex.in + extension.length + webSocketBytes(["2probe".length, "5".length], true),
        out: duplex.out + webSocketFrameBytes("3probe".length, false),
      },
      polls: 1,
    };
  },
} satisfies WireFormula;

/**
 * Offset at the end of each message to a client: a time, and a counter for every message but the first in a
 * millisecond. A proof sends only one message in a millisecond.
 */
const offset = `,"${"o".repeat(7)}"`;
const recovery = {
  ...socketIo,
  setUp: (context) =>
    webSocketSetUp(context, [connectPacket.length, `40${JSON.stringify({ sid: exampleSid, pid: exampleSid })}`.length]),
  delivery: (payload, text) => ({ duplex: { in: 0, out: webSocketBytes(packetBytes(payload, text, offset), false) } }),
} satisfies WireFormula;

/** Bytes of a string or of binary data in MessagePack: the length in front takes 1, 2, 3 or 5 bytes with the type. */
function packedBytes(payloadBytes: number, text: boolean): number {
  const lengthBytes = payloadBytes <= 255 ? 1 : payloadBytes <= 65_535 ? 2 : 4;
  return (text && payloadBytes <= 31 ? 1 : 1 + lengthBytes) + payloadBytes;
}
const packedWord = (text: string): number => packedBytes(text.length, true);
/** Bytes of a packet: a map of `type` (a small number), `data` and `nsp` ("/"). */
const packedPacket = (dataBytes: number): number =>
  1 + packedWord("type") + 1 + packedWord("data") + dataBytes + packedWord("nsp") + packedWord("/");
const packedEvent = (payload: Buffer, text: boolean): number =>
  packedPacket(1 + packedWord("chat") + packedBytes(payload.length, text));
/** Options that the client adds to each event: `{ compress: true }`. */
const clientOptions = packedWord("options") + 1 + packedWord("compress") + 1;
/** Bytes of `undefined`: notepack.io encodes it as an extension of type 0. */
const undefinedBytes = 3;

const msgpack = {
  ...socketIo,
  setUp: (context) =>
    webSocketSetUp(context, [
      packedPacket(undefinedBytes),
      packedPacket(1 + packedWord("sid") + packedWord(exampleSid) + packedWord("pid") + undefinedBytes),
    ]),
  send: (payload, text) => ({
    duplex: { in: webSocketFrameBytes(packedEvent(payload, text) + clientOptions, true), out: 0 },
  }),
  delivery: (payload, text) => ({ duplex: { in: 0, out: webSocketFrameBytes(packedEvent(payload, text), false) } }),
} satisfies WireFormula;

/** Formulas of Socket.IO and its variants, by the name of the transport. */
export const socketIoFormulas: Record<string, WireFormula> = {
  "socket.io": socketIo,
  "socket.io-default": defaultSettings,
  "socket.io-polling": socketIoPolling,
  "socket.io-msgpack": msgpack,
  "socket.io-recovery": recovery,
};
