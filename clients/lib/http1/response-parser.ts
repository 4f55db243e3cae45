import { borrowReassembly } from "../net/reassembly.ts";
import {
  beginHead,
  createParserState,
  parserStates,
  noStep,
  failParse,
  tooLong,
  type ResponseReader,
  type ParserState,
} from "./response-state.ts";
import { lookupHead, storeHead } from "./head-cache.ts";
import type { BufferView } from "../net/buffer-views.ts";

/** The longest head, size of a chunk with its extensions, or section of trailers, in bytes: as Node has it. */
const maxFrameBytes = 16 * 1024;

const lastAct = parserStates.acts.length - 1;

/** Reads whatever comes whole on any connection: one of its own would be four lines of the processor's caches more. */
let spare: ParserState | undefined;

/**
 * Reads what came next of the response that `reader` waits for, whose body may have so many bytes; -1 where it waits for none. `partly` is what
 * of it was there before, if any, and what is returned is what is there now: undefined where nothing more is to come.
 */
export function parseNext(
  partly: ParserState | undefined,
  reader: ResponseReader,
  maxBodyBytes: number,
  from: BufferView,
  start: number,
  end: number,
): ParserState | undefined {
  const r = partly ?? borrowed(reader, maxBodyBytes);
  parseResponse(r, from, start, end);
  if (r.state !== parserStates.idle) return r.state === noStep ? undefined : r;
  spare = r;
  return undefined;
}

function borrowed(reader: ResponseReader, maxBodyBytes: number): ParserState {
  const r = spare ?? createParserState(maxBodyBytes, reader);
  spare = undefined;
  r.reader = reader;
  r.maxBodyBytes = maxBodyBytes;
  if (maxBodyBytes >= 0) expectResponse(r);
  return r;
}

/** Says that a request is on its way, so that one response may come. */
export function expectResponse(r: ParserState): void {
  if (r.state === parserStates.idle) beginHead(r);
}

/**
 * Reads what came next on the connection. A response is handed on when its last byte is there; what follows it, since nobody has asked
 * for it, is refused (RFC 9112, section 6.3).
 */
export function parseResponse(r: ParserState, from: BufferView, start: number, end: number): void {
  let at = start;
  while (at < end && r.state !== noStep) {
    at = r.step === "frame" ? readFrame(r, from.bytes, at, end) : readBody(r, from, at, end);
    if (r.step !== "whole") continue;
    handOn(r);
    if (at < end) refuse(r, `${end - at} bytes after a response that nobody asked for`);
  }
}

/** Reads that nothing more will come: that is how some bodies end (RFC 9112, section 6.3). */
export function parseEnd(r: ParserState): void {
  if (r.step === "body" && r.bodyBytes === Infinity) handOn(r);
}

/** Up to the end of the head, of a chunk's size or of the trailers. Returns how far it came. */
function readFrame(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const fresh = r.state === parserStates.statusLine;
  let at = fresh ? lookupHead(r, bytes, start, end) : start;
  if (at === start) {
    at = readBytes(r, bytes, start, Math.min(end, start + maxFrameBytes - r.frameBytes));
    r.frameBytes = r.frameEnded ? 0 : r.frameBytes + at - start;
    r.frameEnded = false;
    if (r.frameBytes === maxFrameBytes) failParse(r, `a head of more than ${maxFrameBytes} bytes`);
    if (fresh && r.begun && r.state !== noStep) storeHead(r, bytes, start, at);
  }
  if (r.state === noStep) refuse(r, r.problem);
  return at;
}

/** One byte after another. */
function readBytes(r: ParserState, bytes: Buffer, start: number, end: number): number {
  const { next } = parserStates;
  let state = r.state;
  let at = start;
  while (at < end) {
    const byte = bytes[at++]!;
    const before = state;
    state = next[(state << 8) | byte]!;
    if (state > lastAct) continue;
    r.state = state;
    if (state === noStep) {
      failParse(r, `expected ${parserStates.expects[before]}, got byte 0x${byte.toString(16).padStart(2, "0")}`);
      return at;
    }
    parserStates.acts[state]!(r, byte);
    if (r.frameEnded || r.state === noStep) return at;
    ({ state } = r);
  }
  r.state = state;
  return at;
}

function readBody(r: ParserState, from: BufferView, start: number, end: number): number {
  const bytes = Math.min(r.bodyBytes, end - start);
  if (bytes === r.bodyBytes && r.assembly === undefined && !r.chunked) {
    r.step = "whole";
    r.from = from;
    r.start = start;
    r.end = start + bytes;
    return r.end;
  }
  const assembly = (r.assembly ??= borrowReassembly(r.bodyBytes === Infinity ? bytes : r.bodyBytes));
  assembly.add(from.bytes, start, start + bytes);
  r.bodyBytes -= bytes;
  if (r.bodyBytes === Infinity && assembly.filledBytes > r.maxBodyBytes) {
    tooLong(r);
    refuse(r, r.problem);
  } else if (r.bodyBytes === 0 && r.chunked) {
    r.step = "frame";
    r.state = parserStates.chunkEnd;
  } else if (r.bodyBytes === 0) r.step = "whole";
  return start + bytes;
}

function handOn(r: ParserState): void {
  const { assembly } = r;
  if (assembly) {
    r.from = assembly.held;
    r.start = 0;
    r.end = assembly.filledBytes;
    r.assembly = undefined;
  }
  r.begun = false;
  r.step = "frame";
  r.state = parserStates.idle;
  r.reader.answered(r);
  assembly?.release();
}

function refuse(r: ParserState, problem: string): void {
  r.state = noStep;
  r.step = "frame";
  r.assembly?.release();
  r.assembly = undefined;
  r.reader.refused(new Error(`what came is no HTTP/1.1 response: ${problem}`));
}
