import * as fc from "fast-check";
import { expect, it } from "vitest";
import { batch, batcher, batchMessage, readBatch, batchTypes } from "./batch.ts";
import { recordHeaderBytes } from "./records.ts";

/** A message. Text is valid UTF-8, as in every transport. */
interface Message {
  payload: Buffer;
  text: boolean;
}

const text = fc.string({ unit: "binary" }).map((string): Message => ({ payload: Buffer.from(string), text: true }));
const binary = fc.uint8Array().map((bytes): Message => ({ payload: Buffer.from(bytes), text: false }));

const pack = (messages: readonly Message[]) => batch(messages.map((each) => batchMessage(each.payload, each.text)));

function unpack(type: string, body: string | Buffer): Message[] {
  const messages: Message[] = [];
  readBatch(type, Buffer.from(body as string), (payload, isText) => void messages.push({ payload, text: isText }));
  return messages;
}

it("is read back unchanged, for any mix of text and binary", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, binary)), (messages) => {
      const { type, body } = pack(messages);
      expect(unpack(type, body)).toEqual(messages);
    }),
  );
});

it("is a JSON array of strings when all messages are text", () => {
  fc.assert(
    fc.property(fc.array(text), (messages) => {
      const strings = messages.map(({ payload }) => payload.toString());
      expect(pack(messages)).toEqual({ type: "application/json; charset=utf-8", body: JSON.stringify(strings) });
    }),
  );
});

it("consists of records when a message is binary, at four bytes each", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, binary)), binary, fc.nat(), (others, one, place) => {
      const messages = others.toSpliced(place % (others.length + 1), 0, one);
      const { type, body } = pack(messages);
      const payloadBytes = messages.reduce((sum, { payload }) => sum + payload.length, 0);
      expect(type).toBe("application/vnd.records");
      expect(body.length).toBe(recordHeaderBytes * messages.length + payloadBytes);
    }),
  );
});

it("is made once for the same messages, and anew when anything differs", () => {
  const batchOf = batcher();
  const [one, two, other] = ["one", "two", "one"].map((each) => batchMessage(Buffer.from(each), true));
  const waiting = [one!, two!];
  const made = batchOf(waiting);
  expect(batchOf([one!, two!])).toBe(made);
  waiting.push(other!);
  for (const messages of [waiting, [two!, one!], [one!], [other!], []])
    expect(batchOf(messages)).toEqual(batch(messages));
});

it("does not encode binary as JSON", () => {
  expect(batchMessage(Buffer.from("x"), false).json).toBe("");
});

it.each([
  ["a body of another type", "text/html", "<p>", /unknown type "text\/html"/],
  ["a body without a type", "", "[]", /unknown type ""/],
  ["JSON that is cut off", batchTypes.textBatch, '["a","b', SyntaxError],
  ["JSON but not an array", batchTypes.textBatch, '{"a":1}', TypeError],
  ["records longer than their body", batchTypes.mixedBatch, "\0\0\x01\0abc", RangeError],
])("is refused where it is %s", (_description, type, body, error) => {
  expect(() => unpack(type, body)).toThrow(error);
});
