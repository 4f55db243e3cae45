import { finishHead, type ParserState } from "./response-state.ts";
import { dataViewOf } from "../net/byte-scan.ts";

/*
 * A server repeats itself: the heads of its responses are equal but for the date, which changes once a second. A head
 * that is equal to one read before, on any connection, is not parsed again.
 */

/** A head that has been parsed: its bytes and the result. */
type CachedHead = Pick<
  ParserState,
  "status" | "type" | "keepAliveTimeoutS" | "http10" | "closeOption" | "keepAliveOption" | "chunked" | "contentLength"
> & { bytes: Buffer; words: DataView; length: number };

/** Longest head that is cached, in bytes. */
const maxHeadBytes = 1024;

/** The last head of each kind. The last digit of the status code selects the slot. */
const cache: (CachedHead | undefined)[] = Array.from({ length: 8 });
const lastStatusDigit = "HTTP/1.1 20".length;

/** Caches a head that has just been parsed, for `lookupHead`. */
export function storeHead(r: ParserState, bytes: Buffer, start: number, end: number): void {
  const length = end - start;
  if (length > maxHeadBytes) return;
  const slot = bytes[start + lastStatusDigit]! & 7;
  const copy = cache[slot]?.bytes ?? Buffer.alloc(maxHeadBytes);
  const words = cache[slot]?.words ?? new DataView(copy.buffer, copy.byteOffset, maxHeadBytes);
  bytes.copy(copy, 0, start, end);
  const { status, type, keepAliveTimeoutS, http10, closeOption, keepAliveOption, chunked, contentLength } = r;
  cache[slot] = {
    status,
    type,
    keepAliveTimeoutS,
    http10,
    closeOption,
    keepAliveOption,
    chunked,
    contentLength,
    bytes: copy,
    words,
    length,
  };
}

/** Reads a head that is in the cache. Returns where the head ends, or `start` where the cache does not have it. */
export function lookupHead(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const head = cache[bytes[start + lastStatusDigit]! & 7];
  if (head === undefined || head.length > end - start) return start;
  if (!startsWithHead(dataViewOf(bytes), start, head)) return start;
  r.status = head.status;
  r.type = head.type;
  r.keepAliveTimeoutS = head.keepAliveTimeoutS;
  r.http10 = head.http10;
  r.closeOption = head.closeOption;
  r.keepAliveOption = head.keepAliveOption;
  r.chunked = head.chunked;
  r.contentLength = head.contentLength;
  finishHead(r);
  return start + head.length;
}

/** Compares word by word. A head is longer than a word, so the last word may overlap the one before. */
function startsWithHead(bytes: DataView, start: number, { words, length }: CachedHead): boolean {
  const last = length - 4;
  for (let i = 0; i < last; i += 4) if (bytes.getInt32(start + i) !== words.getInt32(i)) return false;
  return bytes.getInt32(start + last) === words.getInt32(last);
}
