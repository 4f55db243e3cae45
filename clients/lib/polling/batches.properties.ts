import assert from "node:assert/strict";
import * as fc from "fast-check";
import { batch, batchMessage, readBatch, batchTypes } from "../../../servers/protocols/batch.ts";
import { receiveBatch } from "./batches.ts";
import { createParserState, type Response } from "../http1/response-state.ts";
import type { Properties } from "../testing/all-properties.ts";

interface Message {
  payload: string;
  text: boolean;
}

/**
 * The messages that a reader delivers, with payloads in hex, or "error" where it throws. Before an error it must
 * deliver nothing.
 */
function deliveredBy(read: (receive: (payload: Buffer, text: boolean) => void) => void): Message[] | "error" {
  const messages: Message[] = [];
  try {
    read((payload, text) => void messages.push({ payload: payload.toString("hex"), text }));
  } catch {
    return messages.length === 0 ? "error" : messages;
  }
  return messages;
}

/** Our reader's result for a body that lies in a buffer between other bytes, which it must not read. */
function readWithOurs(type: Response["type"], body: Buffer, around: string): Message[] | "error" {
  const margin = Buffer.from(around);
  const bytes = Buffer.concat([margin, body, margin]);
  const from = { bytes, view: (start: number, end: number) => bytes.subarray(start, end) };
  const state = createParserState(Infinity, { onResponse: () => undefined, onMalformed: () => undefined });
  const response = { ...state, type, from, start: margin.length, end: margin.length + body.length };
  return deliveredBy((receive) => receiveBatch(response, { receive }));
}

const around = fc.constantFrom('"]', '"', '","a"]', "[", "\\", "");

/** The result of `JSON.parse` with a check that the value is an array of strings. */
function readWithJsonParse(body: Buffer): Message[] | "error" {
  return deliveredBy((receive) => {
    const strings = JSON.parse(body.toString()) as unknown[];
    if (!Array.isArray(strings) || strings.some((each) => typeof each !== "string")) throw new TypeError("not strings");
    for (const string of strings) receive(Buffer.from(string as string), true);
  });
}

const awkward = fc.constantFrom(
  ...Array.from('"\\\0\n\t\x1f\x7f\u2028é€\ud800\udfff🛰[],'),
  "\\u0041",
  '\\"',
  "\\ud83d",
);
const someText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(awkward).map((parts) => parts.join("")),
  fc
    .array(fc.oneof(fc.constantFrom("a", "plain", "four"), fc.constantFrom("a", "plain", "four"), awkward))
    .map((parts) => parts.join("")),
);

/** Strings of JSON's own tokens: some are valid JSON, most nearly. */
const nearlyJson = fc
  .array(
    fc.constantFrom(
      '"',
      '"',
      ",",
      "[",
      "]",
      "\\",
      "\\n",
      " ",
      "\n",
      "a",
      "1",
      "null",
      "{",
      "}",
      ":",
      "\u0001",
      "é",
      "\ufeff",
    ),
  )
  .map((parts) => parts.join(""));

const message = fc.oneof(
  someText.map((string) => batchMessage(Buffer.from(string), true)),
  fc.uint8Array().map((bytes) => batchMessage(Buffer.from(bytes), false)),
);

export const properties: Properties = {
  "a batch of any messages is read as readBatch reads it": fc.property(
    fc.array(message),
    around,
    (messages, margin) => {
      const { type, body } = batch(messages);
      const bytes = Buffer.from(body as string);
      const kind = type === batchTypes.textBatch ? "textBatch" : "mixedBatch";
      assert.deepEqual(
        readWithOurs(kind, bytes, margin),
        deliveredBy((receive) => readBatch(type, bytes, receive)),
      );
    },
  ),
  "an array of strings is read as JSON.parse reads it, also with white space between the strings": fc.property(
    fc.array(fc.oneof(someText, fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "🛰") }))),
    fc.constantFrom(undefined, 2),
    around,
    (strings, indent, margin) => {
      const body = Buffer.from(JSON.stringify(strings, undefined, indent));
      assert.deepEqual(readWithOurs("textBatch", body, margin), readWithJsonParse(body));
    },
  ),
  "any body is accepted or rejected as JSON.parse and a check for strings do": fc.property(
    fc.oneof(
      nearlyJson,
      nearlyJson.map((inside) => `[${inside}]`),
      nearlyJson.map((inside) => `["${inside}"]`),
    ),
    around,
    (text, margin) => {
      const body = Buffer.from(text);
      assert.deepEqual(readWithOurs("textBatch", body, margin), readWithJsonParse(body));
    },
  ),
  "invalid UTF-8 is read as Buffer.toString reads it": fc.property(
    fc.array(fc.oneof(fc.constantFrom(0x22, 0x2c, 0x5d, 0xc3, 0xa9, 0xed, 0xa0, 0xf0, 0x9f, 0xff), fc.nat(255)), {
      maxLength: 12,
    }),
    around,
    (bytes, margin) => {
      const body = Buffer.concat([Buffer.from('["'), Buffer.from(bytes), Buffer.from('"]')]);
      assert.deepEqual(readWithOurs("textBatch", body, margin), readWithJsonParse(body));
    },
  ),
  "records that do not fill their body are rejected": fc.property(
    fc.array(message, { minLength: 1 }),
    fc.nat(),
    around,
    (messages, cut, margin) => {
      const { body } = batch([...messages, batchMessage(Buffer.alloc(0), false)]);
      const bytes = Buffer.from(body as string);
      const short = bytes.subarray(0, cut % bytes.length);
      let expected: Message[] | "error" = deliveredBy((receive) => readBatch(batchTypes.mixedBatch, short, receive));
      try {
        readBatch(batchTypes.mixedBatch, short, () => undefined);
      } catch {
        expected = "error"; // readBatch delivers the records before the cut, ours none
      }
      assert.deepEqual(readWithOurs("mixedBatch", short, margin), expected);
    },
  ),
};
