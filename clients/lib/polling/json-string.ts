import { viewOf, type BufferView } from "../net/buffer-views.ts";
import { arePlainAscii, wordsIn } from "../net/byte-scan.ts";

/*
 * JSON strings (RFC 8259, section 7) as bytes, without a JavaScript string in between. What is written is what JSON.stringify writes,
 * what is read is what JSON.parse reads.
 */

const quote = 0x22;
const backslash = 0x5c;

/** The letters of the escapes that have one, and the bytes that they stand for. */
const letters: readonly (readonly [letter: string, stands: string])[] = [
  ['"', '"'],
  ["\\", "\\"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
];

/** Bytes that stand in front of a byte, or instead of it, where it has to be escaped: `\n` takes one more, `\u0001` five. */
const moreBytes = new Uint8Array(256).fill(5, 0, 0x20);
/** The letter with which a byte is escaped; 0 where it has none. */
const letterOf = new Uint8Array(256);
/** The byte that a letter behind a backslash stands for; 0 where there is no such escape. */
const standsFor = new Uint8Array(256);
for (const [letter, stands] of letters) {
  moreBytes[stands.charCodeAt(0)] = 1;
  letterOf[stands.charCodeAt(0)] = letter.charCodeAt(0);
  standsFor[letter.charCodeAt(0)] = stands.charCodeAt(0);
}
standsFor["/".charCodeAt(0)] = "/".charCodeAt(0); // is read and never written

/** Whether a backslash and this byte are an escape as they stand, with nothing to follow. */
export function isLetterOfEscape(byte: number): boolean {
  return standsFor[byte] !== 0;
}

/** Bytes of a text in UTF-8 as a JSON string, quotes included. */
export function jsonStringBytes(text: Buffer): number {
  let bytes = 2 + text.length;
  for (let i = 0; i < text.length; i++) bytes += moreBytes[text[i]!]!;
  return bytes;
}

/** Writes a text in UTF-8 as a JSON string of `stringBytes` bytes, as `jsonStringBytes` has counted them. */
export function writeJsonString(into: Buffer, at: number, text: Buffer, stringBytes: number): void {
  let to = at;
  into[to++] = quote;
  if (stringBytes === text.length + 2) to += text.copy(into, to);
  else for (let i = 0; i < text.length; i++) to = writeByte(into, to, text[i]!);
  into[to] = quote;
}

const hex = Buffer.from("0123456789abcdef");

function writeByte(into: Buffer, at: number, byte: number): number {
  const more = moreBytes[byte]!;
  if (more === 0) into[at] = byte;
  else into[at] = backslash;
  if (more === 1) into[at + 1] = letterOf[byte]!;
  if (more === 5) {
    into.write("u00", at + 1, "latin1");
    into[at + 4] = hex[byte >> 4]!;
    into[at + 5] = hex[byte & 15]!;
  }
  return at + 1 + more;
}

/** What has been freed of its escapes: one for the process, as each is handed on before the next. */
let freed: BufferView = viewOf(Buffer.allocUnsafeSlow(64 * 1024));
let freedWords = wordsIn(freed.bytes);

/**
 * The text in UTF-8 of the JSON string whose inside is the bytes from `start` to before `end`, which are UTF-8; valid until the next
 * call. Undefined where it is none.
 */
export function readJsonString(from: BufferView, start: number, end: number): Buffer | undefined {
  const { bytes } = from;
  let at = start;
  while (at < end && moreBytes[bytes[at]!] === 0) at++;
  return at === end ? from.view(start, end) : withoutEscapes(bytes, start, end);
}

function withoutEscapes(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (freed.bytes.length < end - start) {
    freed = viewOf(Buffer.allocUnsafeSlow(2 * (end - start)));
    freedWords = wordsIn(freed.bytes);
  }
  const words = wordsIn(bytes);
  const into = freed.bytes;
  let to = 0;
  for (let at = start; at < end;) {
    for (; at + 4 <= end; at += 4, to += 4) {
      const word = words.getInt32(at);
      if (!arePlainAscii(word)) break;
      freedWords.setInt32(to, word);
    }
    if (at === end) break;
    const byte = bytes[at]!;
    if (moreBytes[byte] === 0) {
      into[to++] = byte;
      at++;
    } else if (byte !== backslash || at + 1 === end) return undefined;
    else if (standsFor[bytes[at + 1]!] !== 0) {
      into[to++] = standsFor[bytes[at + 1]!]!;
      at += 2;
    } else {
      const unit = unitAt(bytes, at, end);
      if (unit < 0) return undefined;
      const low = unit >= 0xd800 && unit < 0xdc00 ? unitAt(bytes, at + 6, end) : -1;
      const pair = low >= 0xdc00 && low < 0xe000;
      to = writeCodePoint(into, to, pair ? 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit);
      at += pair ? 12 : 6;
    }
  }
  return freed.view(0, to);
}

/** The UTF-16 code unit that `\uXXXX` at this place stands for; negative where there is no such escape. */
function unitAt(bytes: Buffer, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== backslash || bytes[at + 1] !== 0x75) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = digitOf(bytes[i]!);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Writes a code point in UTF-8; half a surrogate pair becomes U+FFFD, as in every conversion of a JavaScript string. */
function writeCodePoint(into: Buffer, at: number, point: number): number {
  const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
  if (code < 0x80) {
    into[at] = code;
    return at + 1;
  }
  const following = code < 0x800 ? 1 : code < 0x1_0000 ? 2 : 3;
  into[at] = (0xff00 >> (following + 1)) | (code >> (6 * following)); // 110xxxxx, 1110xxxx or 11110xxx
  for (let i = 1; i <= following; i++) into[at + i] = 0x80 | ((code >> (6 * (following - i))) & 0x3f);
  return at + 1 + following;
}
