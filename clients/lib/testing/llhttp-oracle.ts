import { request } from "node:http";
import { Duplex } from "node:stream";
import { createParserState } from "../http1/response-state.ts";
import { expectResponse, parseResponse, parseEnd } from "../http1/response-parser.ts";

/** Result of parsing all bytes that follow one request, up to the end of the connection. */
export interface ParseOutcome {
  /** The complete response; its body has one character per byte. */
  response: { status: number; body: string } | undefined;
  /** Why bytes were rejected, before or after the response. Empty without an error. */
  error: string;
}

/** Longest body that our parser accepts in these tests, in bytes. */
export const oracleMaxBodyBytes = 4_096;

/** Parses the bytes, which arrive in these pieces, with our parser. */
export function parseWithOurs(pieces: readonly Buffer[]): ParseOutcome {
  const outcome: ParseOutcome = { response: undefined, error: "" };
  const state = createParserState(oracleMaxBodyBytes, {
    onResponse({ status, from, start, end }) {
      if (outcome.response) throw new Error("two responses to one request");
      outcome.response = { status, body: from.view(start, end).toString("latin1") };
    },
    onMalformed(error) {
      if (outcome.error) throw new Error("onMalformed was called twice");
      outcome.error = error.message;
    },
  });
  expectResponse(state);
  for (const piece of pieces) {
    // As on a connection: the piece lies between other bytes, and the buffer is overwritten after the call.
    const received = Buffer.concat([Buffer.from("HTTP/1.1 "), piece, Buffer.from("HTTP/1.1 ")]);
    parseResponse(state, { bytes: received, view: (start, end) => received.subarray(start, end) }, 9, 9 + piece.length);
    received.fill("#");
  }
  parseEnd(state);
  return outcome;
}

/** A connection that answers the first write with fixed bytes and then ends. */
class FixedResponse extends Duplex {
  readonly #bytes: Buffer;
  #requested = false;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
    if (this.#requested) return;
    this.#requested = true;
    this.push(this.#bytes);
    this.push(null);
  }
}

/** Parses the bytes with Node's HTTP client, whose parser is llhttp. */
export function parseWithNode(bytes: Buffer): Promise<ParseOutcome> {
  return new Promise((resolve) => {
    const outcome: ParseOutcome = { response: undefined, error: "" };
    const fail = (error: NodeJS.ErrnoException): void => void (outcome.error ||= `${error.code} ${error.message}`);
    const sent = request({ createConnection: () => new FixedResponse(bytes) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => {
        outcome.response = { status: response.statusCode!, body: Buffer.concat(chunks).toString("latin1") };
      });
    });
    sent.on("error", fail);
    sent.on("upgrade", () => void (outcome.error = "upgraded"));
    sent.on("close", () => void setImmediate(() => resolve(outcome)));
    sent.end();
  });
}
