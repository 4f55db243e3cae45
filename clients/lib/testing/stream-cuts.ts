import * as fc from "fast-check";
import { viewOf } from "../net/buffer-views.ts";
import type { SocketHandlers } from "../net/connection.ts";

/** Properties by what they say, for the tests and for the fuzz command. */
export type Properties = Record<string, fc.IRawProperty<unknown>>;

/** Where a stream is cut: any places, also several times the same. */
export const cutPlaces = fc.array(fc.nat(), { maxLength: 12 });

/** The stream cut at these places, empty pieces included. */
export function cutAt(stream: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((end, i) => stream.subarray(cuts[i], end));
}

/** Each way to cut a stream into two pieces. */
export function twoPieces(stream: Buffer): Buffer[][] {
  return Array.from({ length: stream.length + 1 }, (_, at) => [stream.subarray(0, at), stream.subarray(at)]);
}

const received = viewOf(Buffer.alloc(256 * 1024));

/**
 * Lets a reader have the pieces as a wire would: each in the same buffer, which is overwritten as soon as the reader returns, between bytes
 * that are not its business.
 */
export function feed(reader: Pick<SocketHandlers, "data">, pieces: readonly Buffer[]): void {
  for (const [i, piece] of pieces.entries()) {
    const start = (i * 7) % 64;
    received.bytes.fill(0x2a, 0, start + piece.length + 64);
    piece.copy(received.bytes, start);
    if (piece.length > 0) reader.data(received, start, start + piece.length);
    received.bytes.fill(0xff, 0, start + piece.length + 64);
  }
}
