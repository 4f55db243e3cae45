import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ndjsonFormat, ndjsonLine, ndjsonReader } from "./ndjson.ts";

interface Message {
  payload: Buffer;
  text: boolean;
}

const text = fc.string({ unit: "binary" }).map((string): Message => ({ payload: Buffer.from(string), text: true }));
const binary = fc.uint8Array().map((bytes): Message => ({ payload: Buffer.from(bytes), text: false }));

it("is read back unchanged, wherever the stream is cut, with heartbeats between messages", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, binary), { maxLength: 8 }), fc.array(fc.nat()), (all, places) => {
      const received: Message[] = [];
      const read = ndjsonReader(10_000, (payload, isText) => void received.push({ payload, text: isText }));
      const parts = all.flatMap(({ payload, text: isText }) => [ndjsonLine(payload, isText), ndjsonFormat.heartbeat]);
      const stream = Buffer.concat(parts);
      const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
      for (const [i, cut] of cuts.slice(1).entries()) read(stream.subarray(cuts[i], cut));
      expect(received).toEqual(all);
    }),
  );
});

it("is a line with a JSON string for text or an object for binary", () => {
  expect(ndjsonLine(Buffer.from('a\r\n"'), true).toString()).toBe('"a\\r\\n\\""\n');
  expect(ndjsonLine(Buffer.from([0, 1]), false).toString()).toBe('{"base64":"AAE="}\n');
});

it.each([
  ["a line that is not JSON", "hello\n", SyntaxError],
  ["a line that is neither text nor binary", '{"base64":7}\n', /neither text nor binary: \{"base64":7\}/],
  ["null", "null\n", /neither text nor binary: null/],
  ["a line that is too long", "x".repeat(101), /a line has more than 100 bytes/],
  ["a complete line that is too long", `"${"x".repeat(101)}"\n`, /a line has more than 100 bytes/],
])("refuses %s", (_description, stream, error) => {
  expect(() => ndjsonReader(100, () => undefined)(Buffer.from(stream))).toThrow(error);
});
