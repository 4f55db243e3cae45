import type { ReassemblyBuffer } from "../net/reassembly.ts";
import { responseGrammar } from "./response-grammar.ts";
import type { BufferView } from "../net/buffer-views.ts";

/** A response to the last request on a connection: one object for all of them, good during the call of `answered`. */
export interface Response {
  status: number;
  /** Whether its Content-Type is one that a batch has. */
  type: "" | "textBatch" | "mixedBatch" | "other";
  /** The body is the bytes of `from` from `start` to before `end`. */
  from: BufferView;
  start: number;
  end: number;
  /** False where the connection is not to carry another request. */
  keeps: boolean;
  /** Seconds that the server keeps the connection without a request; -1 where it does not say. */
  keptS: number;
}

/** Who is told of responses. Neither may throw. */
export interface ResponseReader {
  answered(response: Response): void;
  /** Called once: these bytes are no response, or nobody asked for it. What comes after is ignored. */
  refused(error: Error): void;
}

/** How far a response has been read. Its users look at `begun` only. */
export interface ParserState extends Response {
  /** Whether a response's head has been read, but not all of its body. */
  begun: boolean;
  maxBodyBytes: number;
  reader: ResponseReader;
  state: number;
  step: "frame" | "body" | "whole";
  /** Bytes of this head, of this chunk's size or of the trailers, so far; and whether these have just ended. */
  frameBytes: number;
  frameEnded: boolean;
  old: boolean;
  closes: boolean;
  keepAlive: boolean;
  chunked: boolean;
  /** -1 where none was named. */
  contentLength: number;
  /** The last number read. */
  number: number;
  /** Bytes of the body, or of the chunk, that are still to come; infinite where only the connection's end ends it. */
  bodyBytes: number;
  /** The body so far, where it did not come whole in one read. */
  assembly: ReassemblyBuffer | undefined;
  problem: string;
}

const nothing: BufferView = { bytes: Buffer.alloc(0), view: () => nothing.bytes };

/** The state in which nothing more is taken. */
export const noStep = 0;

/** What each byte of a response means to its reading. */
export const parserStates = responseGrammar<ParserState>({
  old: (r) => void (r.old = true),
  statusDigit: (r, byte) => void (r.status = 10 * r.status + byte - 48),
  firstDigit: (r, byte) => void (r.number = byte - 48),
  nextDigit: (r, byte) => void (r.number = 10 * r.number + byte - 48),
  firstHexDigit: (r, byte) => void (r.number = hexValue(byte)),
  nextHexDigit: (r, byte) => void (r.number = 16 * r.number + hexValue(byte)),
  contentLength(r) {
    if (r.chunked) failParse(r, "Content-Length beside Transfer-Encoding (RFC 9112, section 6.2)");
    else if (r.contentLength >= 0) failParse(r, "a second Content-Length (RFC 9112, section 6.3)");
    else if (!Number.isSafeInteger(r.number)) failParse(r, "a Content-Length beyond all numbers");
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
  close: (r) => void (r.closes = true),
  keepAlive: (r) => void (r.keepAlive = true),
  timeout: (r) => void (r.keptS = r.number),
  headEnd,
  chunkSize(r) {
    r.frameEnded = true;
    if (r.number + (r.assembly?.filledBytes ?? 0) > r.maxBodyBytes) tooLong(r);
    else if (r.number === 0) r.state = parserStates.headers;
    else beginBody(r, r.number);
  },
  chunkEnd: (r) => void (r.frameEnded = true),
});

/** Where nothing has been read yet, and nothing is expected. A body of more than `maxBodyBytes` is refused. */
export function createParserState(maxBodyBytes: number, reader: ResponseReader): ParserState {
  const r: ParserState = {
    status: 0,
    type: "",
    from: nothing,
    start: 0,
    end: 0,
    keeps: true,
    keptS: -1,
    begun: false,
    maxBodyBytes,
    reader,
    state: parserStates.idle,
    step: "frame",
    frameBytes: 0,
    frameEnded: false,
    old: false,
    closes: false,
    keepAlive: false,
    chunked: false,
    contentLength: -1,
    number: 0,
    bodyBytes: 0,
    assembly: undefined,
    problem: "",
  };
  return r;
}

/** Says that a head begins, of which nothing is known. */
export function beginHead(r: ParserState): void {
  r.state = parserStates.statusLine;
  r.status = 0;
  r.type = "";
  r.from = nothing;
  r.start = r.end = 0;
  r.keptS = r.contentLength = -1;
  r.old = r.closes = r.keepAlive = r.chunked = false;
}

/** RFC 9112, section 6.3; an interim response is skipped (RFC 9110, section 15.2). */
function headEnd(r: ParserState): void {
  r.frameEnded = true;
  if (r.begun) r.step = "whole";
  else if (r.status === 101) failParse(r, "101 without a request to upgrade (RFC 9110, section 15.2.2)");
  else if (r.old && r.chunked) failParse(r, "Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1)");
  else if (r.status < 200) beginHead(r);
  else beginResponse(r);
}

/** Says that the head of a response is whole: what it said tells where its body ends. */
export function beginResponse(r: ParserState): void {
  const bodiless = r.status === 204 || r.status === 304;
  r.begun = true;
  r.keeps = !r.closes && (!r.old || r.keepAlive) && (bodiless || r.chunked || r.contentLength >= 0);
  if (bodiless || r.contentLength === 0) r.step = "whole";
  else if (r.chunked) r.state = parserStates.chunk;
  else if (r.contentLength > r.maxBodyBytes) tooLong(r);
  else beginBody(r, r.contentLength < 0 ? Infinity : r.contentLength);
}

function beginBody(r: ParserState, bodyBytes: number): void {
  r.step = "body";
  r.bodyBytes = bodyBytes;
}

/** More than one type is none that a batch has; a trailer does not change it (RFC 9110, section 6.5.1). */
function setType(r: ParserState, type: Response["type"]): void {
  if (!r.begun) r.type = r.type === "" ? type : "other";
}

function hexValue(byte: number): number {
  return (byte & 15) + (byte > 57 ? 9 : 0);
}

/** Says that what has been read is to be refused, and why. */
export function failParse(r: ParserState, problem: string): void {
  r.problem = problem;
  r.state = noStep;
}

/** Says that more of the body came, or is announced, than is accepted. */
export function tooLong(r: ParserState): void {
  failParse(r, `a body of more than ${r.maxBodyBytes} bytes`);
}
