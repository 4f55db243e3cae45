import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseNext } from "./response-parser.ts";
import { responseProperties } from "./response-parser.properties.ts";
import { oracleMaxBodyBytes, parseWithOurs, type ParseOutcome } from "../testing/llhttp-oracle.ts";
import type { ResponseReader, ParserState } from "./response-state.ts";

for (const [says, property] of Object.entries(responseProperties))
  it(says, () => fc.assert<unknown>(property, { numRuns: 200 }));

/** What servers say, right and wrong. */
const said = [
  "HTTP/1.1 204 No Content\r\n\r\n",
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n["one"]',
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nid",
  "HTTP/1.1 410 Gone\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\nmore",
  "ICY 200 OK\r\n\r\n",
].map((text) => Buffer.from(text));

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((at) => at % bytes.length), bytes.length].toSorted((one, other) => one - other);
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}

/** A connection as a line has it: nothing more comes after what was refused. */
function connection(pieces: readonly Buffer[]) {
  const verdict: ParseOutcome = { answer: undefined, refused: "" };
  const reader: ResponseReader = {
    answered: ({ status, from, start, end }) =>
      void (verdict.answer = { status, body: from.view(start, end).toString("latin1") }),
    refused: ({ message }) => void (verdict.refused = message),
  };
  let partly: ParserState | undefined;
  let next = 0;
  return {
    verdict,
    read() {
      const piece = pieces[next++];
      if (!piece || verdict.refused) return;
      const received = Buffer.from(piece);
      const from = { bytes: received, view: (start: number, end: number) => received.subarray(start, end) };
      partly = parseNext(partly, reader, verdict.answer ? -1 : oracleMaxBodyBytes, from, 0, piece.length);
      received.fill("#");
    },
  };
}

it("reads what comes on many connections in turns, whole and in parts, as it reads each by itself", () => {
  const one = fc.record({ which: fc.nat(said.length - 1), cuts: fc.array(fc.nat(200), { maxLength: 3 }) });
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 30 }), (all, turns) => {
      const streams = all.map(({ which, cuts }) => cut(said[which]!, cuts));
      const each = streams.map(connection);
      for (const turn of turns) each[turn % each.length]!.read();
      for (const { read } of each) for (let rest = 0; rest < 4; rest++) read();
      expect(each.map(({ verdict }) => verdict)).toEqual(streams.map(parseWithOurs));
    }),
  );
});
