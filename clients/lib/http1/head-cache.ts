import { beginResponse, type ParserState } from "./response-state.ts";
import { wordsIn } from "../net/byte-scan.ts";

/*
 * A server says the same again and again: but for the date, which changes once a second, the heads of its responses are the same bytes.
 * A head that is the same as one that has been read, on whatever connection, is not read again.
 */

/** A head that has been read, and what it said. */
type Known = Pick<
  ParserState,
  "status" | "type" | "keptS" | "old" | "closes" | "keepAlive" | "chunked" | "contentLength"
> & { bytes: Buffer; words: DataView; length: number };

/** Longer heads are read each time. */
const maxBytes = 1024;

/** The last head of each of so many kinds, told apart by the last digit of the status code. */
const known: (Known | undefined)[] = Array.from({ length: 8 });
const lastStatusDigit = "HTTP/1.1 20".length;

/** Keeps a head that has just been read whole, for `recall`. */
export function storeHead(r: ParserState, bytes: Buffer, start: number, end: number): void {
  const length = end - start;
  if (length > maxBytes) return;
  const { status, type, keptS, old, closes, keepAlive, chunked, contentLength } = r;
  const place = bytes[start + lastStatusDigit]! & 7;
  const copy = known[place]?.bytes ?? Buffer.alloc(maxBytes);
  const words = known[place]?.words ?? new DataView(copy.buffer, copy.byteOffset, maxBytes);
  bytes.copy(copy, 0, start, end);
  known[place] = { status, type, keptS, old, closes, keepAlive, chunked, contentLength, bytes: copy, words, length };
}

/** Reads a head that is the same as one that is kept. Returns where it ends, or `start` where none is. */
export function lookupHead(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const head = known[bytes[start + lastStatusDigit]! & 7];
  if (head === undefined || head.length > end - start) return start;
  if (!areSame(wordsIn(bytes), start, head)) return start;
  r.status = head.status;
  r.type = head.type;
  r.keptS = head.keptS;
  r.old = head.old;
  r.closes = head.closes;
  r.keepAlive = head.keepAlive;
  r.chunked = head.chunked;
  r.contentLength = head.contentLength;
  beginResponse(r);
  return start + head.length;
}

/** A head is longer than a word, so that the last word may overlap the one before it. */
function areSame(bytes: DataView, start: number, { words, length }: Known): boolean {
  const last = length - 4;
  for (let i = 0; i < last; i += 4) if (bytes.getInt32(start + i) !== words.getInt32(i)) return false;
  return bytes.getInt32(start + last) === words.getInt32(last);
}
