import * as fc from "fast-check";
import { createBufferView } from "../net/buffer-views.ts";
import type { SocketHandlers } from "../net/connection.ts";

/** Places where a stream is cut: any, also the same place several times. */
export const cutPlaces = fc.array(fc.nat(), { maxLength: 12 });

/** The stream cut at these places, empty pieces included. A place beyond the end wraps around. */
export function cutAt(stream: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((end, i) => stream.subarray(cuts[i], end));
}

/** Every way to cut a stream into two pieces. */
export function allTwoPieceCuts(stream: Buffer): Buffer[][] {
  return Array.from({ length: stream.length + 1 }, (_, at) => [stream.subarray(0, at), stream.subarray(at)]);
}

const received = createBufferView(Buffer.alloc(256 * 1024));

/**
 * Passes the pieces to a reader as a connection does: each piece in the same buffer, between other bytes. The buffer is
 * overwritten as soon as the reader returns.
 */
export function feedPieces(reader: Pick<SocketHandlers, "data">, pieces: readonly Buffer[]): void {
  for (const [i, piece] of pieces.entries()) {
    const start = (i * 7) % 64;
    received.bytes.fill(0x2a, 0, start + piece.length + 64);
    piece.copy(received.bytes, start);
    if (piece.length > 0) reader.data(received, start, start + piece.length);
    received.bytes.fill(0xff, 0, start + piece.length + 64);
  }
}
