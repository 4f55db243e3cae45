import { createBufferView, type BufferView } from "../net/buffer-views.ts";
import { arePlainAscii, dataViewOf } from "../net/byte-scan.ts";

/*
 * JSON strings (RFC 8259, section 7) as bytes, without a JavaScript string in between. The writer writes what
 * JSON.stringify writes; the reader reads what JSON.parse reads.
 */

const quote = 0x22;
const backslash = 0x5c;

/** Escapes of one letter, such as `\n`, with the character that each stands for. */
const letterEscapes: readonly (readonly [letter: string, character: string])[] = [
  ['"', '"'],
  ["\\", "\\"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
];

/** By byte, how many bytes its escape adds: `\n` adds one, `\u0001` five. */
const extraBytes = new Uint8Array(256).fill(5, 0, 0x20);
/** By byte, the letter of its escape; 0 where it has none. */
const escapeLetterOf = new Uint8Array(256);
/** By letter, the byte that its escape stands for; 0 where there is no such escape. */
const unescapedByte = new Uint8Array(256);
for (const [letter, character] of letterEscapes) {
  extraBytes[character.charCodeAt(0)] = 1;
  escapeLetterOf[character.charCodeAt(0)] = letter.charCodeAt(0);
  unescapedByte[letter.charCodeAt(0)] = character.charCodeAt(0);
}
unescapedByte["/".charCodeAt(0)] = "/".charCodeAt(0); // accepted, but never written

/** True if a backslash and this letter are a complete escape. */
export function isEscapeLetter(byte: number): boolean {
  return unescapedByte[byte] !== 0;
}

/** The length of a UTF-8 text as a JSON string, in bytes, with its quotes. */
export function jsonStringBytes(text: Buffer): number {
  let bytes = 2 + text.length;
  for (let i = 0; i < text.length; i++) bytes += extraBytes[text[i]!]!;
  return bytes;
}

/** Writes a UTF-8 text as a JSON string. `stringBytes` is the result of `jsonStringBytes` for the text. */
export function writeJsonString(into: Buffer, at: number, text: Buffer, stringBytes: number): void {
  let to = at;
  into[to++] = quote;
  if (stringBytes === text.length + 2) to += text.copy(into, to);
  else for (let i = 0; i < text.length; i++) to = writeByte(into, to, text[i]!);
  into[to] = quote;
}

const hexDigits = Buffer.from("0123456789abcdef");

function writeByte(into: Buffer, at: number, byte: number): number {
  const extra = extraBytes[byte]!;
  if (extra === 0) into[at] = byte;
  else into[at] = backslash;
  if (extra === 1) into[at + 1] = escapeLetterOf[byte]!;
  if (extra === 5) {
    into.write("u00", at + 1, "latin1");
    into[at + 4] = hexDigits[byte >> 4]!;
    into[at + 5] = hexDigits[byte & 15]!;
  }
  return at + 1 + extra;
}

/** Text without its escapes. The process has one buffer, since each text is delivered before the next is read. */
let unescaped: BufferView = createBufferView(Buffer.allocUnsafeSlow(64 * 1024));
let unescapedWords = dataViewOf(unescaped.bytes);

/**
 * Reads a JSON string in UTF-8, whose inside is the bytes from `start` to before `end`. The result is valid until the
 * next call; undefined where the string is not valid JSON.
 */
export function readJsonString(from: BufferView, start: number, end: number): Buffer | undefined {
  const { bytes } = from;
  let at = start;
  while (at < end && extraBytes[bytes[at]!] === 0) at++;
  return at === end ? from.view(start, end) : unescapeString(bytes, start, end);
}

function unescapeString(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (unescaped.bytes.length < end - start) {
    unescaped = createBufferView(Buffer.allocUnsafeSlow(2 * (end - start)));
    unescapedWords = dataViewOf(unescaped.bytes);
  }
  const words = dataViewOf(bytes);
  const into = unescaped.bytes;
  let to = 0;
  for (let at = start; at < end;) {
    for (; at + 4 <= end; at += 4, to += 4) {
      const word = words.getInt32(at);
      if (!arePlainAscii(word)) break;
      unescapedWords.setInt32(to, word);
    }
    if (at === end) break;
    const byte = bytes[at]!;
    if (extraBytes[byte] === 0) {
      into[to++] = byte;
      at++;
    } else if (byte !== backslash || at + 1 === end) return undefined;
    else if (unescapedByte[bytes[at + 1]!] !== 0) {
      into[to++] = unescapedByte[bytes[at + 1]!]!;
      at += 2;
    } else {
      const unit = codeUnitAt(bytes, at, end);
      if (unit < 0) return undefined;
      const low = unit >= 0xd800 && unit < 0xdc00 ? codeUnitAt(bytes, at + 6, end) : -1;
      const pair = low >= 0xdc00 && low < 0xe000;
      to = writeCodePoint(into, to, pair ? 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit);
      at += pair ? 12 : 6;
    }
  }
  return unescaped.view(0, to);
}

/** The UTF-16 code unit of the escape `\uXXXX` at this place; negative where there is none. */
function codeUnitAt(bytes: Buffer, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== backslash || bytes[at + 1] !== 0x75) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = hexValueOf(bytes[i]!);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function hexValueOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Writes a code point in UTF-8. Half a surrogate pair becomes U+FFFD, as in every conversion of a JavaScript string.
 */
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
