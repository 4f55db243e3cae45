import type { ByteCounts } from "../../scenarios/contract.ts";
import { isEmptyPoll } from "./http1-formula.ts";
import { headBytes } from "./frame-sizes.ts";
import {
  joinedBytes,
  joiningBytes,
  openingBytes,
  packetBytes as framedPacketBytes,
  exampleSid,
} from "./engine-io-sizes.ts";
import type { WireFormula, ByteContext } from "./formula.ts";

type Connection = "keep-alive" | "close";

/** Bytes of a poll's request as the client's XMLHttpRequest writes it; `t` is five digits of a time and three of chance. */
function request(line: string, headers: readonly string[], { address }: ByteContext, connection: Connection): number {
  return headBytes([
    `${line} HTTP/1.1`,
    "User-Agent: node-XMLHttpRequest",
    "Accept: */*",
    ...headers,
    `Host: ${address.host}:${address.port}`,
    `Connection: ${connection}`,
  ]);
}
const target = `/socket.io/?EIO=4&transport=polling&t=${"t".repeat(8)}`;
const session = `${target}&sid=${exampleSid}`;

function response(type: string, bodyBytes: number, { options }: ByteContext, connection: Connection): number {
  const keptS = Math.floor((2 * options.heartbeatMs + options.idleMs) / 1000);
  const lines = [
    "HTTP/1.1 200 OK",
    `Content-Type: ${type}`,
    `Content-Length: ${bodyBytes}`,
    "cache-control: no-store",
    "Date: Sun, 06 Nov 1994 08:49:37 GMT",
    `Connection: ${connection}`,
  ];
  return headBytes(connection === "close" ? lines : [...lines, `Keep-Alive: timeout=${keptS}`]) + bodyBytes;
}

/** Bytes of an ask of a session that is answered with a packet. */
export const pollCosts = (
  packetBytes: number,
  place: ByteContext,
  connection: Connection = "keep-alive",
): ByteCounts => ({
  in: request(`GET ${session}`, [], place, connection),
  out: response("text/plain; charset=UTF-8", packetBytes, place, connection),
});

/** Bytes of a packet that is sent. */
export function postCosts(packetBytes: number, place: ByteContext, connection: Connection = "keep-alive"): ByteCounts {
  const headers = ["Content-type: text/plain;charset=UTF-8"];
  const after = [`Content-Length: ${packetBytes}`];
  const extra = headBytes(after) - headBytes([]);
  return {
    in: request(`POST ${session}`, headers, place, connection) + extra + packetBytes,
    out: response("text/html", "ok".length, place, connection),
  };
}

/** Bytes of several exchanges. */
export const sumPollingCosts = (all: readonly ByteCounts[]): ByteCounts => ({
  in: all.reduce((bytes, each) => bytes + each.in, 0),
  out: all.reduce((bytes, each) => bytes + each.out, 0),
});

/** The ask without a session that opens one. */
export const openCosts = (
  place: ByteContext,
  upgrades: readonly string[],
  connection: Connection = "keep-alive",
): ByteCounts => ({
  in: request(`GET ${target}`, [], place, connection),
  out: response("text/plain; charset=UTF-8", openingBytes(place, upgrades).length, place, connection),
});

/** Packets one to a poll: what the client or the server sends while it may not send it is alone. A Buffer is `b` and base64. */
export function polledPackets(payload: Buffer, text: boolean): readonly number[] {
  const [first] = framedPacketBytes(payload, text);
  return text ? [first] : [first, 1 + 4 * Math.ceil(payload.length / 3)];
}

/** Socket.IO by polling only, on two connections that are kept. */
export const pollingCarrier = {
  setUp: (place) => ({
    up: postCosts(joiningBytes.length, place),
    // The ask that is held at the end has been made and not answered.
    down: sumPollingCosts([
      openCosts(place, []),
      pollCosts(joinedBytes.length, place),
      { in: pollCosts(0, place).in, out: 0 },
    ]),
    polls: 1,
  }),
  send: (payload, text, place) => ({
    up: sumPollingCosts(polledPackets(payload, text).map((bytes) => postCosts(bytes, place))),
  }),
  delivery(payload, text, place) {
    const all = polledPackets(payload, text);
    return { down: sumPollingCosts(all.map((bytes) => pollCosts(bytes, place))), polls: all.length };
  },
  idle: { name: "heartbeat", cost: (place) => ({ up: postCosts(1, place), ...isEmptyPoll(pollCosts(1, place)) }) },
} satisfies WireFormula;
