import assert from "node:assert/strict";
import * as fc from "fast-check";
import { oracleMaxBodyBytes, parseWithNode, parseWithOurs, type ParseOutcome } from "../testing/llhttp-oracle.ts";
import type { Properties } from "../testing/all-properties.ts";

/** Our errors for input that llhttp accepts and we reject on purpose, each with the rule behind it. */
const stricterErrors: readonly [error: RegExp, rule: string][] = [
  [
    /expected HTTP\/1\.1 or HTTP\/1\.0/,
    "no empty line before the status line, no other version: RFC 9112, sections 2.1 and 2.3",
  ],
  [/expected a status code from 100/, "RFC 9110, section 15"],
  [/expected a reason phrase/, "no control characters: RFC 9112, section 4"],
  [/expected the transfer coding chunked/, "no coding without a TE header in the request: RFC 9110, section 10.1.4"],
  [/Transfer-Encoding in HTTP\/1\.0/, "RFC 9112, section 6.1"],
  [
    /a second Transfer-Encoding/,
    "chunked is applied once, and a trailer does not set it: RFC 9112, sections 6.1, 7.1.2",
  ],
  [/expected a chunk extension's (name|value)/, "neither is empty: RFC 9112, section 7.1.1"],
  [/101 without a request to upgrade/, "RFC 9110, section 15.2.2"],
  [
    /expected LF after CR, got byte 0x0d/,
    "no CR without an LF: RFC 9112, section 2.2 (llhttp takes a second CR after the status line)",
  ],
  [/belong to no request/, "not even an empty line or a complete response: RFC 9112, section 6.3"],
  [/a body of more than/, "the length of a batch is bounded"],
];

const name = fc.constantFrom(
  "Date",
  "x-y",
  "Server",
  "Content",
  "Content-Lengthy",
  "Conn",
  "Keep",
  "transfer-encoding-x",
);
const value = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 \t"\\,;:=()é~\u0080ÿ')), maxLength: 12 });
const plainHeader = fc.tuple(name, value).map(([key, text]) => `${key}: ${text}`);

/** Headers with a meaning, valid and invalid, and malformed lines. */
const awkwardHeader = fc.oneof(
  fc
    .constantFrom(
      "3",
      "0",
      " 3 ",
      "03",
      "3\t",
      "\t3",
      "3, 3",
      "+3",
      "-3",
      "",
      "3x",
      "0x3",
      "99999999999999999999",
      "4097",
    )
    .map((digits) => `Content-Length:${digits}`),
  fc
    .constantFrom(
      "chunked",
      " Chunked ",
      "gzip, chunked",
      "chunked, chunked",
      "gzip",
      "xchunked",
      "chunkedx",
      "",
      "chunked;q=1",
    )
    .map((coding) => `Transfer-Encoding: ${coding}`),
  fc
    .constantFrom("close", "Close , keep-alive", "keep-alive", "upgrade", "closed", "x close", ",close", "Keep-Alive,")
    .map((option) => `Connection: ${option}`),
  fc
    .constantFrom("timeout=5", "timeout=5, max=100", "max=100", "timeout=", "timeout=x")
    .map((parameters) => `Keep-Alive: ${parameters}`),
  fc
    .constantFrom("application/json; charset=utf-8", "application/json", "application/vnd.records", "text/html")
    .map((type) => `Content-Type: ${type}`),
  fc.constantFrom(
    "Upgrade: h2c",
    "X : y",
    " folded",
    ": nameless",
    "X",
    "X\0: y",
    "X: a\0b",
    "X: \x7f",
    "X: a\rb",
    "X: a\nb",
    "X:",
  ),
);

const chunkExtension = fc.constantFrom(
  "",
  "",
  "",
  ";a",
  ";a=b",
  ';a="b c"',
  ';a="\\"\t"',
  ";",
  ";a=",
  "; a",
  " ",
  ";a;b=1",
);

/** A body with the headers that define its end. */
const framed = fc.oneof(
  fc
    .string({ unit: "binary-ascii", maxLength: 30 })
    .map((body) => ({ headers: [`Content-Length: ${body.length}`], body })),
  fc
    .tuple(
      fc.array(fc.tuple(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 20 }), chunkExtension), {
        maxLength: 3,
      }),
      fc.array(fc.oneof(plainHeader, awkwardHeader), { maxLength: 1 }),
    )
    .map(([chunks, trailers]) => ({
      headers: ["Transfer-Encoding: chunked"],
      body: [
        ...chunks.map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`),
        "0\r\n",
        ...trailers.map((line) => `${line}\r\n`),
        "\r\n",
      ].join(""),
    })),
  fc.string({ unit: "binary-ascii", maxLength: 30 }).map((body) => ({ headers: [], body })),
);

/** Mostly valid: after an invalid status line nothing else is parsed. */
const statusLine = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom("200 OK", "200 OK", "201", "204 No Content", "304 ", "404 é\t!")
      .map((status) => `HTTP/1.1 ${status}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "HTTP/1.0 200 OK",
      "HTTP/2.0 200 OK",
      "HTTP/1.2 200 OK",
      "http/1.1 200 OK",
      "HTTP/1.1  200 OK",
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("101", "099", "600", "20", "2000", "200 \x01", "200\t")
      .map((status) => `HTTP/1.1 ${status}`),
  },
);

const interim = fc.constantFrom(
  "",
  "",
  "",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
);
const after = fc.constantFrom("", "", "", "", "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "x");

const response = fc
  .tuple(
    interim,
    statusLine,
    framed,
    fc.array(fc.oneof(plainHeader, plainHeader, awkwardHeader), { maxLength: 3 }),
    fc.nat(),
    after,
  )
  .map(([first, line, { headers, body }, others, place, rest]) => {
    const all = others.toSpliced(place % (others.length + 1), 0, ...headers);
    return `${first}${[line, ...all, "", body].join("\r\n")}${rest}`;
  });

/** One byte changed, inserted or removed, or the rest cut off. */
const mutation = fc.tuple(
  fc.nat(),
  fc.constantFrom("change", "insert", "remove", "cut off"),
  fc.oneof(
    fc.constantFrom(...Array.from('\r\n\0 \t:;,="\\0129afAFx-\x7f\x80ÿ')),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }),
  ),
);

function mutate(text: string, [at, kind, byte]: readonly [number, string, string]): string {
  const place = at % (text.length + 1);
  if (kind === "cut off") return text.slice(0, place);
  return text.slice(0, place) + (kind === "remove" ? "" : byte) + text.slice(place + (kind === "insert" ? 0 : 1));
}

/** The bytes of a response, valid or not. */
const responses = fc
  .tuple(response, fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 2 })))
  .map(([text, mutations]) => Buffer.from(mutations.reduce(mutate, text), "latin1"));

const isStricter = ({ error }: ParseOutcome): boolean => stricterErrors.some(([expected]) => expected.test(error));

/**
 * Asserts that both parsers have the same response and both have an error or none, except where ours is stricter.
 * Without a response only the responses are compared: where the connection ends within an invalid response, either
 * parser may end before it finds the error.
 */
function compare(ours: ParseOutcome, node: ParseOutcome): void {
  if (!ours.response && isStricter(ours)) return;
  assert.deepEqual(ours.response, node.response);
  if (!ours.response || isStricter(ours)) return;
  assert.equal(ours.error !== "", node.error !== "");
}

const cutInOrder = (bytes: Buffer, cuts: readonly number[]): Buffer[] =>
  [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));

/** The outcome without the words of its error, which count bytes of one piece. */
const comparable = ({ response: parsed, error }: ParseOutcome) => ({ response: parsed, failed: error !== "" });

export const properties: Properties = {
  "responses and errors are those of llhttp, except where we are stricter": fc.asyncProperty(responses, async (bytes) =>
    compare(parseWithOurs([bytes]), await parseWithNode(bytes)),
  ),
  "the outcome does not depend on how the bytes are cut into pieces": fc.property(responses, (bytes) => {
    const expected = comparable(parseWithOurs([bytes]));
    for (let cut = 0; cut <= bytes.length; cut++)
      assert.deepEqual(comparable(parseWithOurs(cutInOrder(bytes, [cut]))), expected);
    assert.deepEqual(comparable(parseWithOurs(cutInOrder(bytes, [...bytes.keys()]))), expected);
    assert.deepEqual(comparable(parseWithOurs([bytes])), expected, "another outcome when the head is in the cache");
  }),
  "a well-formed response is accepted": fc.property(
    fc.constantFrom(200, 201, 404, 410, 500),
    fc.array(plainHeader, { maxLength: 3 }),
    fc.array(fc.string({ unit: "binary-ascii", minLength: 1 }), { maxLength: 4 }),
    fc.constantFrom("length", "chunked", "close"),
    (status, headers, parts, framing) => {
      const body = parts.join("");
      const chunks = [...parts, ""].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
      const framingHeaders = {
        length: [`content-length: ${body.length}`],
        chunked: ["transfer-encoding: chunked"],
        close: [],
      };
      const head = [`HTTP/1.1 ${status} Reason`, ...headers, ...framingHeaders[framing], "", ""].join("\r\n");
      const bytes = Buffer.from(head + (framing === "chunked" ? chunks : body), "latin1");
      const expected = body.length > oracleMaxBodyBytes ? undefined : { status, body };
      assert.deepEqual(parseWithOurs([bytes]).response, expected);
    },
  ),
};
