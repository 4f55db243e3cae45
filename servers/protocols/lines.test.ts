import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineFraming } from "./lines.ts";

interface Seen {
  messages: { payload: string; text: boolean }[];
  refusals: string[];
}

function reader(maxPayloadBytes: number): Seen & { read(chunk: Buffer | string): void } {
  const messages: Seen["messages"] = [];
  const refusals: Seen["refusals"] = [];
  const read = lineFraming.reader(
    maxPayloadBytes,
    (payload, text) => void messages.push({ payload: payload.toString("latin1"), text }),
    ({ message }) => void refusals.push(message),
  );
  return { messages, refusals, read: (chunk) => read(Buffer.from(chunk as string, "latin1")) };
}

/** Bytes among which those that a line cannot hold are frequent. */
const bytes = fc.array(fc.constantFrom("a", "n", "r", "t", "\\", "\n", "\r", "\x10", "\0", "\xff"), { maxLength: 12 });
const message = fc.record({ payload: bytes.map((all) => all.join("")), text: fc.boolean() });
const framed = (payload: string, text: boolean): string =>
  lineFraming.frame(Buffer.from(payload, "latin1"), text).toString("latin1");

/** The stream cut into pieces at any places, empty pieces included. */
function pieces(stream: string, places: readonly number[]): string[] {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => stream.slice(cuts[i], cut));
}

describe("a message as a line", () => {
  it.each<[string, string, boolean, string]>([
    ["plain text is as it is", "hello, world", true, "hello, world\n"],
    ["an empty text is an empty line", "", true, "\n"],
    ["a backslash or a CR within plain text costs nothing", "C:\\new \r x", true, "C:\\new \r x\n"],
    ["an LF is escaped, and with it every backslash", "a\\n\nb", true, "\x10ta\\\\n\\nb\n"],
    ["a CR at the end is escaped", "a\r", true, "\x10ta\\r\n"],
    ["text that begins with DLE is escaped", "\x10b", true, "\x10t\x10b\n"],
    ["binary says so", "abc", false, "\x10babc\n"],
    ["nothing, as binary", "", false, "\x10b\n"],
    ["binary that holds all that is escaped", "\r\n\\", false, "\x10b\\r\\n\\\\\n"],
  ])("%s", (_what, payload, text, expected) => {
    expect(framed(payload, text)).toBe(expected);
  });
});

describe("a reader of lines", () => {
  it("gives the same messages however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), (messages, places) => {
        const { read, ...seen } = reader(12);
        const stream = messages.map(({ payload, text }) => framed(payload, text)).join("");
        for (const piece of pieces(stream, places)) read(piece);
        expect(seen).toMatchObject({ messages, refusals: [] });
      }),
    );
  });

  it("takes what a person types at telnet, whose lines end with CR LF, for the same as nc's", () => {
    const { read, messages } = reader(40);
    read("hello\r\nhello\n\r\n\x10bhello\r\n");
    expect(messages.map(({ payload }) => payload)).toEqual(["hello", "hello", "", "hello"]);
  });

  it("keeps what has no end to itself", () => {
    const { read, messages } = reader(40);
    read("hello");
    expect(messages).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["an unknown kind", "\x10xabc\n", 'an escaped line is of the kind "x", not t or b'],
    ["no kind", "\x10\n", 'an escaped line is of the kind "", not t or b'],
    ["an unknown escape", "\x10ta\\xb\n", 'an escaped line holds "\\\\x"'],
    ["an escape that ends too soon", "\x10ta\\\n", 'an escaped line holds "\\\\"'],
    ["a plain line of one byte too many", "123456789\n", "a line holds more than the 8 bytes that are accepted"],
    [
      "an escaped line of one byte too many",
      "\x10b123456789\n",
      "a line holds more than the 8 bytes that are accepted",
    ],
  ])("refuses %s once, and reads no further", (_what, bad, why) => {
    const { read, ...seen } = reader(8);
    read(`before\n${bad}after\n`);
    read("after\n");
    expect(seen).toMatchObject({ messages: [{ payload: "before", text: true }], refusals: [why] });
  });

  it("takes a payload of the maximum, however much of it is escaped", () => {
    const { read, messages } = reader(8);
    read("12345678\r\n\x10b\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\r\n");
    expect(messages.map(({ payload }) => payload)).toEqual(["12345678", "\\\\\\\\\\\\\\\\"]);
  });

  it.each([
    ["plain", "x", 10],
    ["escaped", "\x10bx", 20],
  ])("refuses a line that never ends, before more is kept than it could hold: %s", (_what, begin, most) => {
    const { read, refusals } = reader(8);
    read(begin);
    let readBytes = begin.length;
    for (; refusals.length === 0; readBytes++) read("x");
    expect(readBytes).toBe(most);
  });
});
