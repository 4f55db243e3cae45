import { describe, expect, it } from "vitest";
import { oracleMaxBodyBytes, parseWithOurs, type ParseOutcome } from "../testing/llhttp-oracle.ts";
import { expectResponse, parseResponse } from "./response-parser.ts";
import { createParserState } from "./response-state.ts";

/** Longest head, chunk-size line or trailers, line ends included. */
const maxBytes = 16 * 1024;

const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** The size line of a chunk of three bytes, filled to `bytes` bytes by an extension. */
const extendedLines = {
  "a value": (bytes: number) => `3;a=${"x".repeat(bytes - 6)}\r\n`,
  "a quoted value": (bytes: number) => `3;a="${" ;".repeat(bytes).slice(0, bytes - 8)}"\r\n`,
  "many names": (bytes: number) => `3${";a".repeat(bytes).slice(0, bytes - 3)}\r\n`.replace(/;\r/, "a\r"),
};

const chunk = "3\r\nabc\r\n";
const lastChunk = "0\r\n\r\n";

/**
 * Outcomes for a text in one piece, byte by byte, and cut in two at many places, among them all places around line
 * ends.
 */
function outcomesOf(text: string): ParseOutcome[] {
  const bytes = Buffer.from(text, "latin1");
  const aroundLineEnds = [...text.matchAll(/\r\n/g)].flatMap(({ index }) => [-1, 0, 1, 2, 3].map((by) => index + by));
  const everywhere = Array.from({ length: 60 }, (_, i) => Math.floor((i * bytes.length) / 60));
  const atLimit = [-1, 0, 1].map((by) => head.length + maxBytes + by);
  return [
    parseWithOurs([bytes]),
    parseWithOurs(Array.from(bytes.keys(), (at) => bytes.subarray(at, at + 1))),
    ...[...aroundLineEnds, ...everywhere, ...atLimit].map((at) =>
      parseWithOurs([bytes.subarray(0, at), bytes.subarray(at)]),
    ),
  ];
}

describe.each(Object.entries(extendedLines))("a chunk extension with %s", (_kind, line) => {
  it.each([
    ["the first chunk", (bytes: number) => `${head}${line(bytes)}abc\r\n${chunk}${lastChunk}`, "abcabc"],
    ["a later chunk", (bytes: number) => `${head}${chunk}${line(bytes)}abc\r\n${lastChunk}`, "abcabc"],
    ["every chunk", (bytes: number) => `${head}${`${line(bytes)}abc\r\n`.repeat(2)}${lastChunk}`, "abcabc"],
    ["the last chunk", (bytes: number) => `${head}${chunk}${line(bytes).replace("3", "0")}\r\n`, "abc"],
  ])("of %s is accepted up to the limit of its line and rejected one byte above", (_which, textOf, body) => {
    expect(line(maxBytes).length).toBe(maxBytes);
    for (const { response, error } of outcomesOf(textOf(maxBytes))) {
      expect(error).toBe("");
      expect(response).toEqual({ status: 200, body });
    }
    for (const { response, error } of outcomesOf(textOf(maxBytes + 1))) {
      expect(response).toBeUndefined();
      expect(error).toContain(`more than ${maxBytes} bytes`);
    }
  });
});

it("a head is accepted up to the limit and rejected one byte above", () => {
  const headOf = (bytes: number): string => {
    const [front, back] = ["HTTP/1.1 200 OK\r\nX: ", "\r\nContent-Length: 2\r\n\r\n"];
    return `${front}${"x".repeat(bytes - front.length - back.length)}${back}`;
  };
  for (const { response } of outcomesOf(`${headOf(maxBytes)}ok`)) expect(response).toEqual({ status: 200, body: "ok" });
  for (const { response, error } of outcomesOf(`${headOf(maxBytes + 1)}ok`)) {
    expect(response).toBeUndefined();
    expect(error).toContain(`more than ${maxBytes} bytes`);
  }
});

it("trailers are accepted up to the limit and rejected one byte above, also after a chunk-size line at its limit", () => {
  const trailers = (bytes: number): string => `X: ${"x".repeat(bytes - 7)}\r\n\r\n`;
  const textOf = (bytes: number): string => `${head}${chunk}0;a=${"x".repeat(maxBytes - 6)}\r\n${trailers(bytes)}`;
  for (const { response, error } of outcomesOf(textOf(maxBytes))) expect([response?.body, error]).toEqual(["abc", ""]);
  for (const { response } of outcomesOf(textOf(maxBytes + 1))) expect(response).toBeUndefined();
});

/** The problem of a response that arrives in these pieces, while its connection is still open. Empty without one. */
function problemBeforeEnd(maxBodyBytes: number, pieces: readonly Buffer[]): string {
  let problem = "";
  const state = createParserState(maxBodyBytes, {
    onResponse: () => void (problem = "a response before the end"),
    onMalformed: ({ message }) => void (problem = message),
  });
  expectResponse(state);
  for (const bytes of pieces)
    parseResponse(state, { bytes, view: (start, end) => bytes.subarray(start, end) }, 0, bytes.length);
  return problem;
}

it("a body that ends with the connection is refused at the byte above the limit, and not at the end", () => {
  const limit = 100;
  const front = Buffer.from("HTTP/1.1 200 OK\r\n\r\n");
  const cuts = (bytes: number): Buffer[][] => {
    const body = Buffer.alloc(bytes, "x");
    return [
      [Buffer.concat([front, body])],
      [front, body],
      [front, ...Array.from(body.keys(), (at) => body.subarray(at, at + 1))],
      [Buffer.concat([front, body.subarray(0, limit)]), body.subarray(limit)].filter(({ length }) => length > 0),
    ];
  };
  for (const pieces of cuts(limit)) expect(problemBeforeEnd(limit, pieces)).toBe("");
  for (const pieces of cuts(limit + 1))
    expect(problemBeforeEnd(limit, pieces)).toContain(`a body of more than ${limit} bytes`);
});

it("a body that ends with the connection is accepted up to the limit", () => {
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(oracleMaxBodyBytes)}`);
  for (const pieces of [[bytes], [bytes.subarray(0, 100), bytes.subarray(100)]])
    expect(parseWithOurs(pieces)).toEqual({
      response: { status: 200, body: "x".repeat(oracleMaxBodyBytes) },
      error: "",
    });
});

it("a body with a length is refused with its head if it is above the limit, and accepted at the limit", () => {
  const headOf = (bytes: number): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
  expect(problemBeforeEnd(100, [headOf(100)])).toBe("");
  expect(problemBeforeEnd(100, [headOf(101)])).toContain("a body of more than 100 bytes");
});

it("a body of chunks is refused at the size of the chunk that takes it above the limit", () => {
  const front = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const first = `3c\r\n${"x".repeat(60)}\r\n`;
  expect(problemBeforeEnd(100, [Buffer.from(`${front}${first}28\r\n`)])).toBe("");
  expect(problemBeforeEnd(100, [Buffer.from(`${front}${first}29\r\n`)])).toContain("a body of more than 100 bytes");
  expect(problemBeforeEnd(100, [Buffer.from(`${front}65\r\n`)])).toContain("a body of more than 100 bytes");
});
