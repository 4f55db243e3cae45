import type { ByteCost, WireFormula } from "./formula.ts";

/** Bytes of an HTTP/2 frame's header, and the most that a frame holds unless agreed otherwise (RFC 9113, sections 4.1, 4.2). */
const [frameHeaderBytes, mostInFrame] = [9, 16_384];

/** A byte that says whether it is compressed and the length in four (gRPC over HTTP/2), then a Message of one field. */
function messageBytes(payloadBytes: number): number {
  const digits = [2 ** 7, 2 ** 14, 2 ** 21].findIndex((bound) => payloadBytes < bound) + 1;
  return 1 + 4 + 1 + digits + payloadBytes;
}

/** Bytes of a message in DATA frames. */
function dataBytes({ length }: Buffer): number {
  const bytes = messageBytes(length);
  return Math.ceil(bytes / mostInFrame) * frameHeaderBytes + bytes;
}

const duplex = (bytesIn: number, bytesOut: number): ByteCost => ({ duplex: { in: bytesIn, out: bytesOut } });

/** A WINDOW_UPDATE: the receiver says now and then that it takes more (section 6.9). */
const windowUpdate = frameHeaderBytes + 4;
const ping = frameHeaderBytes + 8;

/** What gRPC must cost. Its set-up has a date in headers that are compressed by a Huffman code, so that it takes a byte more or less. */
export const grpcFormula: WireFormula = {
  send: (payload) => duplex(dataBytes(payload), 0),
  delivery: (payload) => duplex(0, dataBytes(payload)),
  backgroundTraffic: () => [duplex(windowUpdate, 0), duplex(0, windowUpdate)],
  idle: { name: "heartbeat", cost: () => duplex(ping, ping) },
};
