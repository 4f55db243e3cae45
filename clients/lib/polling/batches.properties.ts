import assert from "node:assert/strict";
import * as fc from "fast-check";
import { batch, batchMessage, readBatch, batchTypes } from "../../../servers/protocols/batch.ts";
import { receiveBatch } from "./batches.ts";
import { createParserState, type Response } from "../http1/response-state.ts";

interface Message {
  payload: string;
  text: boolean;
}

/** What a reader hands on, in hex, or that it throws. Where it throws, it must have handed on nothing. */
function handedOn(reader: (receive: (payload: Buffer, text: boolean) => void) => void): Message[] | "thrown" {
  const messages: Message[] = [];
  try {
    reader((payload, text) => void messages.push({ payload: payload.toString("hex"), text }));
  } catch {
    return messages.length === 0 ? "thrown" : messages;
  }
  return messages;
}

/** A body as it lies in a buffer among other bytes, which must not be taken for its own. */
function lean(type: Response["type"], body: Buffer, around: string) {
  const margin = Buffer.from(around);
  const bytes = Buffer.concat([margin, body, margin]);
  const from = { bytes, view: (start: number, end: number) => bytes.subarray(start, end) };
  const reading = createParserState(Infinity, { answered: () => undefined, refused: () => undefined });
  const response = { ...reading, type, from, start: margin.length, end: margin.length + body.length };
  return handedOn((receive) => receiveBatch(response, { receive }));
}

const around = fc.constantFrom('"]', '"', '","a"]', "[", "\\", "");

/** What JSON.parse, and a check that it is strings, make of a body. */
function parsed(body: Buffer): Message[] | "thrown" {
  return handedOn((receive) => {
    const strings = JSON.parse(body.toString()) as unknown[];
    if (!Array.isArray(strings) || strings.some((each) => typeof each !== "string")) throw new TypeError("no strings");
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

/** Strings put together from what JSON is made of, so that some are JSON and most are nearly. */
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

/** What must hold of the reader of batches. */
export const batchProperties = {
  "batches: what a server makes of any messages is read as readBatch reads it": fc.property(
    fc.array(message),
    around,
    (messages, margin) => {
      const { type, body } = batch(messages);
      const bytes = Buffer.from(body as string);
      const kind = type === batchTypes.textBatch ? "textBatch" : "mixedBatch";
      assert.deepEqual(
        lean(kind, bytes, margin),
        handedOn((receive) => readBatch(type, bytes, receive)),
      );
    },
  ),
  "batches: strings are what JSON.parse makes of them, as any writer of JSON writes them": fc.property(
    fc.array(fc.oneof(someText, fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "🛰") }))),
    fc.constantFrom(undefined, 2),
    around,
    (strings, indent, margin) => {
      const body = Buffer.from(JSON.stringify(strings, undefined, indent));
      assert.deepEqual(lean("textBatch", body, margin), parsed(body));
    },
  ),
  "batches: what JSON.parse refuses is refused, and what it takes is taken if it is strings": fc.property(
    fc.oneof(
      nearlyJson,
      nearlyJson.map((inside) => `[${inside}]`),
      nearlyJson.map((inside) => `["${inside}"]`),
    ),
    around,
    (text, margin) => {
      const body = Buffer.from(text);
      assert.deepEqual(lean("textBatch", body, margin), parsed(body));
    },
  ),
  "batches: bytes that are no UTF-8 become what they become in a string": fc.property(
    fc.array(fc.oneof(fc.constantFrom(0x22, 0x2c, 0x5d, 0xc3, 0xa9, 0xed, 0xa0, 0xf0, 0x9f, 0xff), fc.nat(255)), {
      maxLength: 12,
    }),
    around,
    (bytes, margin) => {
      const body = Buffer.concat([Buffer.from('["'), Buffer.from(bytes), Buffer.from('"]')]);
      assert.deepEqual(lean("textBatch", body, margin), parsed(body));
    },
  ),
  "batches: records that do not fill their body are refused": fc.property(
    fc.array(message, { minLength: 1 }),
    fc.nat(),
    around,
    (messages, cut, margin) => {
      const { body } = batch([...messages, batchMessage(Buffer.alloc(0), false)]);
      const bytes = Buffer.from(body as string);
      const short = bytes.subarray(0, cut % bytes.length);
      let readable: Message[] | "thrown" = handedOn((receive) => readBatch(batchTypes.mixedBatch, short, receive));
      try {
        readBatch(batchTypes.mixedBatch, short, () => undefined);
      } catch {
        readable = "thrown";
      }
      assert.deepEqual(lean("mixedBatch", short, margin), readable);
    },
  ),
};
