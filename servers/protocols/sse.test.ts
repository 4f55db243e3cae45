import { createParser, type EventSourceMessage } from "eventsource-parser";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sseStream } from "../../clients/lib/library-http/sse-reader.ts";
import { sseEvent, sseFormat } from "./sse.ts";
import { defaultOptions } from "../../scenarios/transports/load-transport.ts";

interface Message {
  payload: Buffer;
  text: boolean;
}

const text = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\r", "\n", ":", " ", "a", "\ufeff", "data: ") }),
  )
  .map((string): Message => ({ payload: Buffer.from(string), text: true }));
const binary = fc.uint8Array().map((bytes): Message => ({ payload: Buffer.from(bytes), text: false }));
const messages = fc.array(fc.oneof(text, binary), { maxLength: 8 });

/** Cuts the stream into pieces, some of them empty. */
function pieces(stream: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => stream.subarray(cuts[i], cut));
}

const { preamble, heartbeat, closing } = sseFormat(defaultOptions);

it("is read back by the client unchanged, byte for byte, wherever the stream is cut", () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), (all, places) => {
      const received: Message[] = [];
      const ids: string[] = [];
      const controls: unknown[] = [];
      const read = sseStream.reader(
        {
          message: (payload, isText) => void received.push({ payload, text: isText }),
          id: (id) => void ids.push(id),
          retry: (ms) => void controls.push(ms),
          closed: () => void controls.push("goodbye"),
        },
        1_000,
      );
      const events = all.flatMap(({ payload, text: isText }, i) => [sseEvent(payload, isText, i + 1), heartbeat]);
      for (const piece of pieces(Buffer.concat([preamble, ...events, closing]), places)) read(piece);
      expect(received).toEqual(all);
      expect(ids.map(Number)).toEqual(all.map((_, i) => i + 1));
      expect(controls).toEqual([1_000, "goodbye"]);
    }),
  );
});

/** Parses an event as a browser does, which decodes the stream first. */
function asInBrowser(event: Buffer): EventSourceMessage[] {
  const found: EventSourceMessage[] = [];
  createParser({ onEvent: (each) => void found.push(each) }).feed(new TextDecoder().decode(event));
  return found;
}

it.each([
  ["unchanged text", "hällo", true, [{ id: "00000007", event: undefined, data: "hällo" }]],
  [
    "a message of several lines with its line feeds",
    "a\n\nb\n",
    true,
    [{ id: "00000007", event: undefined, data: "a\n\nb\n" }],
  ],
  ["an empty message", "", true, [{ id: "00000007", event: undefined, data: "" }]],
  ["text with a carriage return as JSON", "a\r\nb", true, [{ id: "00000007", event: "json", data: '"a\\r\\nb"' }]],
  ["binary as base64", "\0\x01", false, [{ id: "00000007", event: "base64", data: "AAE=" }]],
])("gives a browser %s", (_description, payload, isText, expected) => {
  expect(asInBrowser(sseEvent(Buffer.from(payload), isText, 7))).toEqual(expected);
});

it.each([
  ["plain text", "x".repeat(92), true, 8 + 13],
  ["three lines", "a\nb\nc", true, 8 + 13 + 2 * 6],
  ["text with a carriage return", "a\rb", true, 8 + 13 + 12 + 2 + 1],
  ["binary", "x".repeat(90), false, 8 + 13 + 14 + 30],
])("has the documented overhead for %s", (_description, payload, isText, overheadBytes) => {
  expect(sseEvent(Buffer.from(payload), isText, 1).length - payload.length).toBe(overheadBytes);
});

it("does not let bytes that are not UTF-8 end an event or a line", () => {
  const broken = Buffer.from([0xe2, 0x82, 0x64, 0x0a, 0xc3]);
  const found = asInBrowser(Buffer.concat([sseEvent(broken, true, 1), sseEvent(Buffer.from("next"), true, 2)]));
  expect(found.map(({ data }) => data)).toEqual(["\ufffdd\n\ufffd", "next"]);
});

it.each([
  ["an event of an unknown type", "event: x\ndata: y\n\n", /unknown type "x"/],
  ["an unknown field", "dta: y\n\n", /Unknown field "dta"/],
  ["invalid JSON", "event: json\ndata: {\n\n", SyntaxError],
  ["an event that never ends", `data: ${"x".repeat(10_000)}`, /max buffer size/],
])("refuses %s", (_description, stream, error) => {
  const nothing = (): void => undefined;
  const read = sseStream.reader({ message: nothing, id: nothing, retry: nothing, closed: nothing }, 1_000);
  expect(() => read(Buffer.from(stream))).toThrow(error);
});
