import { isUtf8 } from "node:buffer";
import type { ConnectionHandler } from "../../../scenarios/contract.ts";
import { recordHeaderBytes } from "../../../servers/protocols/records.ts";
import type { Response } from "../http1/response-state.ts";
import { isEscapeLetter, readJsonString } from "./json-string.ts";
import type { BufferView } from "../net/buffer-views.ts";
import { arePlainAscii, dataViewOf } from "../net/byte-scan.ts";

const [space, quote, comma, opening, backslash, closing, textBit] = [32, 34, 44, 91, 92, 93, 128];

/** Three numbers for each message of the current batch: begin, end, and the number of its escapes. */
let edges = new Int32Array(3 * 256);

/**
 * Delivers the messages of a batch, as `readBatch` does, but as views of its body where the body has them without
 * escapes. Throws before the first delivery where the body is no batch of its type.
 */
export function receiveBatch({ type, from, start, end }: Response, handler: Pick<ConnectionHandler, "receive">): void {
  if (type === "textBatch") {
    const messages = findStrings(from, start, end);
    if (messages === undefined) receiveAnyStrings(from.view(start, end), handler);
    else
      for (let i = 0; i < messages; i++) {
        const [first, after] = [edges[3 * i]!, edges[3 * i + 1]!];
        handler.receive(edges[3 * i + 2] ? readJsonString(from, first, after)! : from.view(first, after), true);
      }
  } else if (type === "mixedBatch") {
    const messages = findRecords(from.bytes, start, end);
    for (let i = 0; i < messages; i++) {
      const first = edges[3 * i]!;
      handler.receive(from.view(first, edges[3 * i + 1]!), from.bytes[first - recordHeaderBytes]! >= textBit);
    }
  } else throw new TypeError("a batch of an unknown type");
}

/**
 * Finds the strings of a JSON array in its usual form: UTF-8, no white space between the strings, no `\u` escapes.
 * Returns the number of strings, or undefined for any other body, valid or not.
 */
function findStrings(from: BufferView, start: number, end: number): number | undefined {
  const { bytes } = from;
  const words = dataViewOf(bytes);
  if (bytes[start] !== opening) return undefined;
  if (bytes[start + 1] === closing) return end - start === 2 ? 0 : undefined;
  let at = start + 1;
  let messages = 0;
  let allBits = 0;
  for (;;) {
    if (bytes[at++] !== quote) return undefined;
    const first = at;
    let byte = 0;
    let escapes = 0;
    for (; at < end; at++) {
      while (at + 4 <= end && arePlainAscii(words.getInt32(at))) at += 4;
      byte = bytes[at]!;
      if (byte === quote || byte < space) break;
      if (byte === backslash) {
        escapes++;
        if (!isEscapeLetter(bytes[++at]!)) return undefined;
      }
      allBits |= byte;
    }
    if (at >= end || byte !== quote) return undefined;
    saveEdges(messages++, first, at++, escapes);
    const after = bytes[at++];
    if (after === comma) continue;
    if (after !== closing || at !== end) return undefined;
    return allBits < 128 || isUtf8(from.view(start, end)) ? messages : undefined;
  }
}

/** Delivers any JSON array of strings. Invalid UTF-8 becomes U+FFFD, as in `toString`. */
function receiveAnyStrings(body: Buffer, handler: Pick<ConnectionHandler, "receive">): void {
  const strings: unknown = JSON.parse(body.toString());
  if (!Array.isArray(strings) || !strings.every((each) => typeof each === "string"))
    throw new TypeError("a batch whose JSON is no array of strings");
  for (const string of strings) handler.receive(Buffer.from(string), true);
}

/** Finds the payloads of the records in a body. Throws where the last record is incomplete. */
function findRecords(bytes: Buffer, start: number, end: number): number {
  let at = start;
  let messages = 0;
  while (at < end) {
    const first = at + recordHeaderBytes;
    at = first <= end ? first + (bytes.readUInt32BE(at) & 0x7fff_ffff) : Infinity;
    if (at > end) throw new RangeError(`a batch of ${end - start} bytes ends within a record`);
    saveEdges(messages++, first, at, 0);
  }
  return messages;
}

function saveEdges(message: number, first: number, after: number, escapes: number): void {
  if (3 * message === edges.length) {
    const larger = new Int32Array(2 * edges.length);
    larger.set(edges);
    edges = larger;
  }
  edges[3 * message] = first;
  edges[3 * message + 1] = after;
  edges[3 * message + 2] = escapes;
}
