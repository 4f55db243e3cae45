import type { ReassemblyBuffer } from "../net/reassembly.ts";
import { createResponseGrammar } from "./response-grammar.ts";
import type { BufferView } from "../net/buffer-views.ts";

/** A complete response. The object is reused: it is valid during the call of `onResponse` only. */
export interface Response {
  status: number;
  /** The Content-Type: that of a batch, another, or "" without one. */
  type: "" | "textBatch" | "mixedBatch" | "other";
  /** The body is the bytes of `from` from `start` to before `end`. */
  from: BufferView;
  start: number;
  end: number;
  /** True if the connection can carry another request. */
  reusable: boolean;
  /** The timeout of the header Keep-Alive, in seconds; -1 without one. */
  keepAliveTimeoutS: number;
}

/** Receiver of the responses of one connection. Its functions must not throw. */
export interface ResponseHandler {
  onResponse(response: Response): void;
  /** Called once, for bytes that are no valid response or that belong to no request. Later bytes are ignored. */
  onMalformed(error: Error): void;
}

/**
 * A response while it is read. A *section* is what the state table reads: the head, a chunk-size line, or the trailers.
 * Callers of the parser use `headComplete` only.
 */
export interface ParserState extends Response {
  /** True if the head is complete and the body is not. */
  headComplete: boolean;
  maxBodyBytes: number;
  handler: ResponseHandler;
  /** Row of the state table. */
  state: number;
  phase: "section" | "body" | "complete";
  /** Bytes read of the current section. */
  sectionBytes: number;
  /** Set by an action at the last byte of a section. */
  sectionEnded: boolean;
  http10: boolean;
  /** The option "close" of the header Connection. */
  closeOption: boolean;
  /** The option "keep-alive" of the header Connection. */
  keepAliveOption: boolean;
  chunked: boolean;
  /** -1 without the header. */
  contentLength: number;
  /** The last number read. */
  number: number;
  /** Bytes missing of the body or of the chunk; Infinity where the end of the connection ends the body. */
  bodyBytes: number;
  /** The body so far, where it did not arrive in one read. */
  assembly: ReassemblyBuffer | undefined;
  /** Why the response is rejected. */
  problem: string;
}

const emptyView: BufferView = { bytes: Buffer.alloc(0), view: () => emptyView.bytes };

/** The state after an error. The parser reads nothing more in it. */
export const rejectedState = 0;

/** The state table of responses, with the actions that fill a `ParserState`. */
export const responseTable = createResponseGrammar<ParserState>({
  http10: (r) => void (r.http10 = true),
  statusDigit: (r, byte) => void (r.status = 10 * r.status + byte - 48),
  firstDigit: (r, byte) => void (r.number = byte - 48),
  nextDigit: (r, byte) => void (r.number = 10 * r.number + byte - 48),
  firstHexDigit: (r, byte) => void (r.number = hexValue(byte)),
  nextHexDigit: (r, byte) => void (r.number = 16 * r.number + hexValue(byte)),
  contentLength(r) {
    if (r.chunked) failParse(r, "Content-Length beside Transfer-Encoding (RFC 9112, section 6.2)");
    else if (r.contentLength >= 0) failParse(r, "a second Content-Length (RFC 9112, section 6.3)");
    else if (!Number.isSafeInteger(r.number)) failParse(r, "a Content-Length above 2^53 - 1");
    else r.contentLength = r.number;
  },
  chunked(r) {
    if (r.contentLength >= 0) failParse(r, "Transfer-Encoding beside Content-Length (RFC 9112, section 6.2)");
    else if (r.chunked) failParse(r, "a second Transfer-Encoding (RFC 9112, section 6.1)");
    else r.chunked = true;
  },
  textBatch: (r) => setType(r, "textBatch"),
  mixedBatch: (r) => setType(r, "mixedBatch"),
  otherType: (r) => setType(r, "other"),
  close: (r) => void (r.closeOption = true),
  keepAlive: (r) => void (r.keepAliveOption = true),
  keepAliveTimeout: (r) => void (r.keepAliveTimeoutS = r.number),
  sectionEnd: endSection,
  chunkSize(r) {
    r.sectionEnded = true;
    if (r.number + (r.assembly?.filledBytes ?? 0) > r.maxBodyBytes) failBodyTooLong(r);
    else if (r.number === 0) r.state = responseTable.headers;
    else startBody(r, r.number);
  },
  chunkEnd: (r) => void (r.sectionEnded = true),
});

/** A parser state in which nothing is read and no response is expected. A body above `maxBodyBytes` is rejected. */
export function createParserState(maxBodyBytes: number, handler: ResponseHandler): ParserState {
  return {
    status: 0,
    type: "",
    from: emptyView,
    start: 0,
    end: 0,
    reusable: true,
    keepAliveTimeoutS: -1,
    headComplete: false,
    maxBodyBytes,
    handler,
    state: responseTable.idle,
    phase: "section",
    sectionBytes: 0,
    sectionEnded: false,
    http10: false,
    closeOption: false,
    keepAliveOption: false,
    chunked: false,
    contentLength: -1,
    number: 0,
    bodyBytes: 0,
    assembly: undefined,
    problem: "",
  };
}

/** Resets the state for the head of the next response. */
export function startHead(r: ParserState): void {
  r.state = responseTable.statusLine;
  r.status = 0;
  r.type = "";
  r.from = emptyView;
  r.start = r.end = 0;
  r.keepAliveTimeoutS = r.contentLength = -1;
  r.http10 = r.closeOption = r.keepAliveOption = r.chunked = false;
}

/** Ends a head or the trailers. An interim response (RFC 9110, section 15.2) is skipped. */
function endSection(r: ParserState): void {
  r.sectionEnded = true;
  if (r.headComplete) r.phase = "complete";
  else if (r.status === 101) failParse(r, "101 without a request to upgrade (RFC 9110, section 15.2.2)");
  else if (r.http10 && r.chunked) failParse(r, "Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1)");
  else if (r.status < 200) startHead(r);
  else finishHead(r);
}

/**
 * Decides from a complete head where the body ends (RFC 9112, section 6.3) and whether the connection is reusable
 * (section 9.3).
 */
export function finishHead(r: ParserState): void {
  const bodiless = r.status === 204 || r.status === 304;
  r.headComplete = true;
  r.reusable = !r.closeOption && (!r.http10 || r.keepAliveOption) && (bodiless || r.chunked || r.contentLength >= 0);
  if (bodiless || r.contentLength === 0) r.phase = "complete";
  else if (r.chunked) r.state = responseTable.chunk;
  else if (r.contentLength > r.maxBodyBytes) failBodyTooLong(r);
  else startBody(r, r.contentLength < 0 ? Infinity : r.contentLength);
}

function startBody(r: ParserState, bodyBytes: number): void {
  r.phase = "body";
  r.bodyBytes = bodyBytes;
}

/**
 * A second Content-Type makes the type "other". A Content-Type among the trailers is ignored (RFC 9110, section 6.5.1).
 */
function setType(r: ParserState, type: Response["type"]): void {
  if (!r.headComplete) r.type = r.type === "" ? type : "other";
}

function hexValue(byte: number): number {
  return (byte & 15) + (byte > 57 ? 9 : 0);
}

/** Rejects the response. `problem` completes the sentence of the error. */
export function failParse(r: ParserState, problem: string): void {
  r.problem = problem;
  r.state = rejectedState;
}

/** Rejects a body that is longer than `maxBodyBytes`, or is announced to be. */
export function failBodyTooLong(r: ParserState): void {
  failParse(r, `a body of more than ${r.maxBodyBytes} bytes`);
}
