import { expect, it } from "vitest";
import { batch, batchMessage } from "../../../../servers/protocols/batch.ts";
import { ndjsonLine } from "../../../../servers/protocols/ndjson.ts";
import { lineSplitter, readPolledBatch, readLine } from "./messages.ts";
import { Rate, RoundTrips } from "./round-trips.ts";
import { bytesText, chatLine, cleanName, cleanRoom, clip, costText, msText, parseHex, splitLine } from "./text.ts";

const text = batchMessage(Buffer.from("späte 🍇\n"), true);
const bytes = batchMessage(Buffer.from([0, 255, 128]), false);

it.each([
  ["text alone", [text, text]],
  ["text and binary", [text, bytes, text]],
  ["an empty binary message", [batchMessage(Buffer.alloc(0), false)]],
])("the page reads a batch of %s as the server wrote it", (_, messages) => {
  const { type, body } = batch(messages);
  const read = readPolledBatch(type, new Uint8Array(Buffer.from(body)));
  expect(read).toEqual(messages.map((each) => (each.text ? each.payload.toString() : new Uint8Array(each.payload))));
});

it("the page refuses a batch that ends within a record", () => {
  const { type, body } = batch([bytes]);
  expect(() => readPolledBatch(type, new Uint8Array(Buffer.from(body).subarray(0, -1)))).toThrow(
    /ends within a record/,
  );
});

it("the page reads a stream in pieces of any size, and ignores heartbeats", () => {
  const all = Buffer.concat([ndjsonLine(text.payload, true), Buffer.from("\n"), ndjsonLine(bytes.payload, false)]);
  const linesIn = lineSplitter();
  const lines = Array.from(all.toString()).flatMap((piece) => linesIn(piece));
  expect(lines.map(readLine)).toEqual([text.payload.toString(), undefined, new Uint8Array(bytes.payload)]);
});

it("a round trip ends with the oldest own message of the same content, and with nobody else's", () => {
  const trips = new RoundTrips();
  trips.sent("a: hi", 0);
  trips.sent("a: hi", 10);
  trips.sent(new Uint8Array([1, 2]), 20);
  expect(trips.received("b: hi", 21)).toBeUndefined();
  expect(trips.received(new Uint8Array([1, 3]), 21)).toBeUndefined();
  expect(trips.received(new Uint8Array([1, 2]), 24)).toBe(4);
  expect([trips.received("a: hi", 30), trips.received("a: hi", 31), trips.received("a: hi", 32)]).toEqual([
    30,
    21,
    undefined,
  ]);
  expect([trips.medianMs, trips.count, trips.due]).toEqual([21, 3, 0]);
});

it("a rate is that of the last five seconds", () => {
  const rate = new Rate();
  expect(rate.add(0, 0)).toBeUndefined();
  expect([rate.add(1_000, 1_000), rate.add(1_000, 6_000), rate.add(1_000, 7_000)]).toEqual([1_000, 0, 0]);
});

it("a name cannot break its line or turn the text around, and a room has no blanks", () => {
  expect(cleanName(" <img src=x onerror=alert(1)>\n\u202Eevil: ")).toBe("<img src=x onerror=alert(1)> evil");
  expect([cleanName(" \u200B: "), cleanName("x".repeat(99))]).toEqual(["somebody", "x".repeat(40)]);
  expect([cleanRoom(" two words "), cleanRoom(""), Buffer.from(cleanRoom("🍇".repeat(50))).length]).toEqual([
    "two-words",
    "lobby",
    56,
  ]);
  expect(splitLine(chatLine("Ann", "well: no"))).toEqual({ name: "Ann", text: "well: no" });
  expect(splitLine("a line of nc")).toEqual({ name: "", text: "a line of nc" });
});

it("shows the beginning of a long text, digits of bytes, and numbers with their units", () => {
  expect(clip("ab🍇", 3)).toEqual({ shown: "ab", hidden: 2 });
  expect([parseHex("00 fF\t7e"), parseHex("0"), parseHex("zz"), parseHex("")]).toEqual([
    new Uint8Array([0, 255, 126]),
    undefined,
    undefined,
    undefined,
  ]);
  expect([0, 9_999, 56_700, 999_999, 1_234_567].map(bytesText)).toEqual([
    "0 B",
    "9,999 B",
    "56.7 KB",
    "1,000 KB",
    "1.23 MB",
  ]);
  expect([0.42, 12.3, 1_234].map(msText)).toEqual(["0.4 ms", "12 ms", "1,234 ms"]);
  expect([costText("hello", true), costText("x".repeat(126), true), costText("hello", false)]).toEqual([
    "5 B payload, frames add 6 B there and 2 B back",
    "126 B payload, frames add 8 B there and 4 B back",
    "5 B payload",
  ]);
});
