import type { ByteCost, WireFormula } from "./formula.ts";

/** Header bytes of an HTTP/2 frame (RFC 9113, section 4.1). */
const frameHeaderBytes = 9;
/** Largest content of a frame unless the peers agree on more (section 4.2). */
const maxFrameBytes = 16_384;

/** A compression flag (1 byte), the length (4 bytes; gRPC over HTTP/2) and a protobuf message with one field. */
function messageBytes(payloadBytes: number): number {
  const lengthBytes = [2 ** 7, 2 ** 14, 2 ** 21].findIndex((bound) => payloadBytes < bound) + 1;
  return 1 + 4 + 1 + lengthBytes + payloadBytes;
}

/** Bytes of a message in DATA frames. */
function dataBytes({ length }: Buffer): number {
  const bytes = messageBytes(length);
  return Math.ceil(bytes / maxFrameBytes) * frameHeaderBytes + bytes;
}

const duplex = (bytesIn: number, bytesOut: number): ByteCost => ({ duplex: { in: bytesIn, out: bytesOut } });

/** A WINDOW_UPDATE frame (section 6.9): the receiver sends one from time to time to accept more data. */
const windowUpdateBytes = frameHeaderBytes + 4;
/** A PING frame (section 6.7). */
const pingBytes = frameHeaderBytes + 8;

/** gRPC. It has no set-up formula: its headers contain a date in a Huffman code, so their size varies by a byte. */
export const grpcFormula: WireFormula = {
  send: (payload) => duplex(dataBytes(payload), 0),
  delivery: (payload) => duplex(0, dataBytes(payload)),
  backgroundTraffic: () => [duplex(windowUpdateBytes, 0), duplex(0, windowUpdateBytes)],
  idle: { name: "heartbeat", cost: () => duplex(pingBytes, pingBytes) },
};
