import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseNext } from "./response-parser.ts";
import { oracleMaxBodyBytes, parseWithOurs, type ParseOutcome } from "../testing/llhttp-oracle.ts";
import { cutAt } from "../testing/stream-cuts.ts";
import type { ResponseHandler, ParserState } from "./response-state.ts";

/** Valid and invalid responses. */
const responses = [
  "HTTP/1.1 204 No Content\r\n\r\n",
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n["one"]',
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nid",
  "HTTP/1.1 410 Gone\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\nmore",
  "ICY 200 OK\r\n\r\n",
].map((text) => Buffer.from(text));

/** A connection that receives these pieces, one per call of `readPiece`. It ends after a malformed response. */
function openTestConnection(pieces: readonly Buffer[]) {
  const outcome: ParseOutcome = { response: undefined, error: "" };
  const handler: ResponseHandler = {
    onResponse: ({ status, from, start, end }) =>
      void (outcome.response = { status, body: from.view(start, end).toString("latin1") }),
    onMalformed: ({ message }) => void (outcome.error = message),
  };
  let partial: ParserState | undefined;
  let next = 0;
  return {
    outcome,
    readPiece() {
      const piece = pieces[next++];
      if (!piece || outcome.error) return;
      const received = Buffer.from(piece);
      const from = { bytes: received, view: (start: number, end: number) => received.subarray(start, end) };
      partial = parseNext(partial, handler, outcome.response ? -1 : oracleMaxBodyBytes, from, 0, piece.length);
      received.fill("#");
    },
  };
}

it("reads many connections in any order, whole responses and parts, as it reads each connection alone", () => {
  const stream = fc.record({
    which: fc.nat(responses.length - 1),
    cuts: fc.array(fc.nat(200), { maxLength: 3 }),
  });
  const streams = fc.array(stream, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(streams, fc.array(fc.nat(5), { maxLength: 30 }), (all, order) => {
      const pieces = all.map(({ which, cuts }) => cutAt(responses[which]!, cuts));
      const connections = pieces.map(openTestConnection);
      for (const which of order) connections[which % connections.length]!.readPiece();
      for (const { readPiece } of connections) for (let left = 0; left < 4; left++) readPiece();
      expect(connections.map(({ outcome }) => outcome)).toEqual(pieces.map(parseWithOurs));
    }),
  );
});

it("a head that was read before means the same again, whatever was read in between", () => {
  const heads = [
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0",
    "HTTP/1.0 200 OK\r\nContent-Length: 0",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0",
    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0",
    "HTTP/1.1 200 OK\r\nContent-Length: 0",
    "HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=9",
  ];
  const read = (head: string) => {
    const bytes = Buffer.from(`${head}\r\n\r\n`);
    let meaning: unknown;
    const handler: ResponseHandler = {
      onResponse: ({ status, reusable, keepAliveTimeoutS }) => void (meaning = [status, reusable, keepAliveTimeoutS]),
      onMalformed: ({ message }) => void (meaning = message),
    };
    parseNext(undefined, handler, 100, { bytes, view: (start, end) => bytes.subarray(start, end) }, 0, bytes.length);
    return meaning;
  };
  const expected = [
    [200, true, -1],
    [200, false, -1],
    [200, false, -1],
    [200, true, 5],
    [200, true, -1],
    [204, true, 9],
  ];
  for (const again of [heads, heads.toReversed(), heads]) {
    const meanings = again.map((head) => [read(head), read(head)]);
    const wanted = again.map((head) => expected[heads.indexOf(head)]);
    expect(meanings).toEqual(wanted.map((each) => [each, each]));
  }
});
