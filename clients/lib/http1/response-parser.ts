import { borrowReassembly } from "../net/reassembly.ts";
import {
  startHead,
  createParserState,
  responseTable,
  rejectedState,
  failParse,
  failBodyTooLong,
  type ResponseHandler,
  type ParserState,
} from "./response-state.ts";
import { lookupHead, storeHead } from "./head-cache.ts";
import type { BufferView } from "../net/buffer-views.ts";

/*
 * The lean HTTP/1.1 client. Each file uses only the files above it:
 *
 *     state-table.ts         A state machine as a table: state and byte -> next state. Entering a state may run an action.
 *     header-grammar.ts      The table for header lines: name, colon, value, CRLF.
 *     response-grammar.ts    The table for a response without its body: status line, known headers, chunk sizes, trailers.
 *     response-state.ts      One response while it is read: the fields that the actions fill.
 *     head-cache.ts          Heads read before. An equal head is copied from there and skips the table.
 *     response-parser.ts     The loop: reads sections through the table byte by byte, copies bodies by length.
 *     request-connection.ts  Opens the connection, writes a request, waits for its response (with request-head.ts).
 *
 * Example: the head "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" moves through the table from `statusLine`. The
 * action `statusDigit` fills `status`, the action `contentLength` fills `contentLength`, and `sectionEnd` then sets the
 * phase to "body" with 2 bytes to come.
 */

/** Longest head, chunk-size line with extensions, or trailers, in bytes. Node has the same limit. */
const maxSectionBytes = 16 * 1024;

const lastAction = responseTable.actions.length - 1;

/**
 * Parser state for a response that arrives in one read. All connections share it, since a state per connection would
 * take four more cache lines for each response.
 */
let spare: ParserState | undefined;

/**
 * Reads the next bytes of a connection. `partial` is what the last call returned, undefined at first. Returns the state
 * of a response that is not complete yet, else undefined. `maxBodyBytes` is the longest body allowed, or -1 where no
 * request waits for a response.
 */
export function parseNext(
  partial: ParserState | undefined,
  handler: ResponseHandler,
  maxBodyBytes: number,
  from: BufferView,
  start: number,
  end: number,
): ParserState | undefined {
  const r = partial ?? takeSpare(handler, maxBodyBytes);
  parseResponse(r, from, start, end);
  if (r.state !== responseTable.idle) return r.state === rejectedState ? undefined : r;
  spare = r;
  return undefined;
}

function takeSpare(handler: ResponseHandler, maxBodyBytes: number): ParserState {
  const r = spare ?? createParserState(maxBodyBytes, handler);
  spare = undefined;
  r.handler = handler;
  r.maxBodyBytes = maxBodyBytes;
  if (maxBodyBytes >= 0) expectResponse(r);
  return r;
}

/** Allows one response, to a request that has been sent. */
export function expectResponse(r: ParserState): void {
  if (r.state === responseTable.idle) startHead(r);
}

/**
 * Reads the next bytes of a connection into a state. The handler gets the response at its last byte. Bytes after it
 * belong to no request, and are rejected (RFC 9112, section 6.3).
 */
export function parseResponse(r: ParserState, from: BufferView, start: number, end: number): void {
  let at = start;
  while (at < end && r.state !== rejectedState) {
    at = r.phase === "section" ? readSection(r, from.bytes, at, end) : readBody(r, from, at, end);
    if (r.phase !== "complete") continue;
    deliver(r);
    if (at < end) reject(r, `${end - at} bytes after the response, that belong to no request`);
  }
}

/** Reads the end of the connection, which ends a body without a length (RFC 9112, section 6.3). */
export function parseEnd(r: ParserState): void {
  if (r.phase === "body" && r.bodyBytes === Infinity) deliver(r);
}

/** Reads up to the end of the section. Returns where reading stopped. */
function readSection(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const atHead = r.state === responseTable.statusLine;
  let at = atHead ? lookupHead(r, bytes, start, end) : start;
  if (at === start) {
    at = runTable(r, bytes, start, Math.min(end, start + maxSectionBytes - r.sectionBytes));
    r.sectionBytes = r.sectionEnded ? 0 : r.sectionBytes + at - start;
    r.sectionEnded = false;
    if (r.sectionBytes === maxSectionBytes)
      failParse(r, `more than ${maxSectionBytes} bytes of head, chunk size or trailers`);
    if (atHead && r.headComplete && r.state !== rejectedState) storeHead(r, bytes, start, at);
  }
  if (r.state === rejectedState) reject(r, r.problem);
  return at;
}

/** Moves through the state table byte by byte, up to `end` or the end of the section. Returns where reading stopped. */
function runTable(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const { next } = responseTable;
  let state = r.state;
  let at = start;
  while (at < end) {
    const byte = bytes[at++]!;
    const before = state;
    state = next[(state << 8) | byte]!;
    if (state > lastAction) continue;
    r.state = state;
    if (state === rejectedState) {
      failParse(r, `expected ${responseTable.expected[before]}, got byte 0x${byte.toString(16).padStart(2, "0")}`);
      return at;
    }
    responseTable.actions[state]!(r, byte);
    if (r.sectionEnded || r.state === rejectedState) return at;
    ({ state } = r);
  }
  r.state = state;
  return at;
}

/**
 * Reads bytes of the body, or of a chunk's data. A body that arrives in one read is not copied. Returns where reading
 * stopped.
 */
function readBody(r: ParserState, from: BufferView, start: number, end: number): number {
  const bytes = Math.min(r.bodyBytes, end - start);
  if (bytes === r.bodyBytes && r.assembly === undefined && !r.chunked) {
    r.phase = "complete";
    r.from = from;
    r.start = start;
    r.end = start + bytes;
    return r.end;
  }
  const assembly = (r.assembly ??= borrowReassembly(r.bodyBytes === Infinity ? bytes : r.bodyBytes));
  assembly.add(from.bytes, start, start + bytes);
  r.bodyBytes -= bytes;
  if (r.bodyBytes === Infinity && assembly.filledBytes > r.maxBodyBytes) {
    failBodyTooLong(r);
    reject(r, r.problem);
  } else if (r.bodyBytes === 0 && r.chunked) {
    r.phase = "section";
    r.state = responseTable.chunkEnd;
  } else if (r.bodyBytes === 0) r.phase = "complete";
  return start + bytes;
}

function deliver(r: ParserState): void {
  const { assembly } = r;
  if (assembly) {
    r.from = assembly.contents;
    r.start = 0;
    r.end = assembly.filledBytes;
    r.assembly = undefined;
  }
  r.headComplete = false;
  r.phase = "section";
  r.state = responseTable.idle;
  r.handler.onResponse(r);
  assembly?.release();
}

function reject(r: ParserState, problem: string): void {
  r.state = rejectedState;
  r.phase = "section";
  r.assembly?.release();
  r.assembly = undefined;
  r.handler.onMalformed(new Error(`not a valid HTTP/1.1 response: ${problem}`));
}
