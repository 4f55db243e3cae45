import { request } from "node:http";
import { Duplex } from "node:stream";
import { createParserState } from "../http1/response-state.ts";
import { expectResponse, parseResponse, parseEnd } from "../http1/response-parser.ts";

/** What became of the bytes that came after one request, up to the end of their connection. */
export interface ParseOutcome {
  /** The response that was handed on; its body is one character per byte. */
  answer: { status: number; body: string } | undefined;
  /** Why bytes were refused: before the answer was whole, or after. Empty where none were. */
  refused: string;
}

/** A body is at most so long for the reader under test. */
export const oracleMaxBodyBytes = 4_096;

/** What our reader makes of the bytes in these pieces. */
export function parseWithOurs(pieces: readonly Buffer[]): ParseOutcome {
  const verdict: ParseOutcome = { answer: undefined, refused: "" };
  const reading = createParserState(oracleMaxBodyBytes, {
    answered({ status, from, start, end }) {
      if (verdict.answer) throw new Error("one request was answered twice");
      verdict.answer = { status, body: from.view(start, end).toString("latin1") };
    },
    refused(error) {
      if (verdict.refused) throw new Error("refused twice");
      verdict.refused = error.message;
    },
  });
  expectResponse(reading);
  for (const piece of pieces) {
    // As a connection has it: somewhere in a buffer that holds something else soon.
    const received = Buffer.concat([Buffer.from("HTTP/1.1 "), piece, Buffer.from("HTTP/1.1 ")]);
    parseResponse(
      reading,
      { bytes: received, view: (start, end) => received.subarray(start, end) },
      9,
      9 + piece.length,
    );
    received.fill("#");
  }
  parseEnd(reading);
  return verdict;
}

/** A connection on which these bytes answer whatever is asked, and then it ends. */
class Scripted extends Duplex {
  readonly #answer: Buffer;
  #asked = false;

  constructor(answer: Buffer) {
    super();
    this.#answer = answer;
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
    if (this.#asked) return;
    this.#asked = true;
    this.push(this.#answer);
    this.push(null);
  }
}

/** What Node's own client makes of them, whose parser is llhttp. */
export function parseWithNode(bytes: Buffer): Promise<ParseOutcome> {
  return new Promise((resolve) => {
    const verdict: ParseOutcome = { answer: undefined, refused: "" };
    const refuse = (error: NodeJS.ErrnoException): void => void (verdict.refused ||= `${error.code} ${error.message}`);
    const sent = request({ createConnection: () => new Scripted(bytes) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", refuse);
      response.on("end", () => {
        verdict.answer = { status: response.statusCode!, body: Buffer.concat(chunks).toString("latin1") };
      });
    });
    sent.on("error", refuse);
    sent.on("upgrade", () => void (verdict.refused = "upgraded"));
    sent.on("close", () => void setImmediate(() => resolve(verdict)));
    sent.end();
  });
}
