import type { ByteCounts } from "../../scenarios/contract.ts";
import { emptyPollCost } from "./http1-formula.ts";
import { headBytes } from "./frame-sizes.ts";
import { connectReply, connectPacket, openPacket, packetBytes, exampleSid } from "./engine-io-sizes.ts";
import type { WireFormula, ByteContext } from "./formula.ts";

type ConnectionHeader = "keep-alive" | "close";

/** Bytes of a request as the client's XMLHttpRequest writes it. */
function requestBytes(
  line: string,
  headers: readonly string[],
  { address }: ByteContext,
  connection: ConnectionHeader,
): number {
  return headBytes([
    `${line} HTTP/1.1`,
    "User-Agent: node-XMLHttpRequest",
    "Accept: */*",
    ...headers,
    `Host: ${address.host}:${address.port}`,
    `Connection: ${connection}`,
  ]);
}
/** `t` defeats caches: five digits of a time and three random ones. */
const target = `/socket.io/?EIO=4&transport=polling&t=${"t".repeat(8)}`;
const sessionTarget = `${target}&sid=${exampleSid}`;

function responseBytes(
  type: string,
  bodyBytes: number,
  { options }: ByteContext,
  connection: ConnectionHeader,
): number {
  const keepAliveS = Math.floor((2 * options.heartbeatMs + options.idleMs) / 1000);
  const lines = [
    "HTTP/1.1 200 OK",
    `Content-Type: ${type}`,
    `Content-Length: ${bodyBytes}`,
    "cache-control: no-store",
    "Date: Sun, 06 Nov 1994 08:49:37 GMT",
    `Connection: ${connection}`,
  ];
  return headBytes(connection === "close" ? lines : [...lines, `Keep-Alive: timeout=${keepAliveS}`]) + bodyBytes;
}

/** Bytes of a poll that brings one packet of this size. */
export const pollBytes = (
  bodyBytes: number,
  context: ByteContext,
  connection: ConnectionHeader = "keep-alive",
): ByteCounts => ({
  in: requestBytes(`GET ${sessionTarget}`, [], context, connection),
  out: responseBytes("text/plain; charset=UTF-8", bodyBytes, context, connection),
});

/** Bytes of a POST that sends one packet of this size. */
export function postBytes(
  bodyBytes: number,
  context: ByteContext,
  connection: ConnectionHeader = "keep-alive",
): ByteCounts {
  const headers = ["Content-type: text/plain;charset=UTF-8", `Content-Length: ${bodyBytes}`];
  return {
    in: requestBytes(`POST ${sessionTarget}`, headers, context, connection) + bodyBytes,
    out: responseBytes("text/html", "ok".length, context, connection),
  };
}

/** Bytes of several requests and responses. */
export const sumBytes = (counts: readonly ByteCounts[]): ByteCounts => ({
  in: counts.reduce((bytes, each) => bytes + each.in, 0),
  out: counts.reduce((bytes, each) => bytes + each.out, 0),
});

/** Bytes of the first GET, which names no session and opens one. */
export const openBytes = (
  context: ByteContext,
  upgrades: readonly string[],
  connection: ConnectionHeader = "keep-alive",
): ByteCounts => ({
  in: requestBytes(`GET ${target}`, [], context, connection),
  out: responseBytes("text/plain; charset=UTF-8", openPacket(context, upgrades).length, context, connection),
});

/**
 * Sizes of the packets of one message. The first packet leaves at once, so the second needs a request of its own. The
 * bytes of a Buffer are sent as `b` and base64.
 */
export function pollingPacketBytes(payload: Buffer, text: boolean): readonly number[] {
  const [first] = packetBytes(payload, text);
  return text ? [first] : [first, 1 + 4 * Math.ceil(payload.length / 3)];
}

/** Socket.IO by polling only, on two keep-alive connections. */
export const socketIoPolling = {
  setUp: (context) => ({
    up: postBytes(connectPacket.length, context),
    // The server holds the last poll: it counts its request and no response.
    down: sumBytes([
      openBytes(context, []),
      pollBytes(connectReply.length, context),
      { in: pollBytes(0, context).in, out: 0 },
    ]),
    polls: 1,
  }),
  send: (payload, text, context) => ({
    up: sumBytes(pollingPacketBytes(payload, text).map((bytes) => postBytes(bytes, context))),
  }),
  delivery(payload, text, context) {
    const packets = pollingPacketBytes(payload, text);
    return { down: sumBytes(packets.map((bytes) => pollBytes(bytes, context))), polls: packets.length };
  },
  idle: {
    name: "heartbeat",
    cost: (context) => ({ up: postBytes(1, context), ...emptyPollCost(pollBytes(1, context)) }),
  },
} satisfies WireFormula;
