import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineFraming } from "./lines.ts";

interface ReaderResult {
  messages: { payload: string; text: boolean }[];
  refusals: string[];
}

function reader(maxPayloadBytes: number): ReaderResult & { read(chunk: Buffer | string): void } {
  const messages: ReaderResult["messages"] = [];
  const refusals: ReaderResult["refusals"] = [];
  const read = lineFraming.reader(
    maxPayloadBytes,
    (payload, text) => void messages.push({ payload: payload.toString("latin1"), text }),
    ({ message }) => void refusals.push(message),
  );
  return { messages, refusals, read: (chunk) => read(Buffer.from(chunk as string, "latin1")) };
}

/** Bytes with many that have to be escaped. */
const bytes = fc.array(fc.constantFrom("a", "n", "r", "t", "\\", "\n", "\r", "\x10", "\0", "\xff"), { maxLength: 12 });
const message = fc.record({ payload: bytes.map((all) => all.join("")), text: fc.boolean() });
const framed = (payload: string, text: boolean): string =>
  lineFraming.frame(Buffer.from(payload, "latin1"), text).toString("latin1");

/** Cuts the stream into pieces, some of them empty. */
function pieces(stream: string, places: readonly number[]): string[] {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return cuts.slice(1).map((cut, i) => stream.slice(cuts[i], cut));
}

describe("a message as a line", () => {
  it.each<[string, string, boolean, string]>([
    ["plain text is unchanged", "hello, world", true, "hello, world\n"],
    ["an empty text is an empty line", "", true, "\n"],
    ["a backslash or a CR within plain text is not escaped", "C:\\new \r x", true, "C:\\new \r x\n"],
    ["a text with an LF is escaped, including its backslashes", "a\\n\nb", true, "\x10ta\\\\n\\nb\n"],
    ["a CR at the end is escaped", "a\r", true, "\x10ta\\r\n"],
    ["text that begins with DLE is escaped", "\x10b", true, "\x10t\x10b\n"],
    ["binary has the kind b", "abc", false, "\x10babc\n"],
    ["an empty binary message", "", false, "\x10b\n"],
    ["binary with every escape", "\r\n\\", false, "\x10b\\r\\n\\\\\n"],
  ])("%s", (_description, payload, text, expected) => {
    expect(framed(payload, text)).toBe(expected);
  });
});

describe("a reader of lines", () => {
  it("returns the same messages however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), (messages, places) => {
        const { read, ...result } = reader(12);
        const stream = messages.map(({ payload, text }) => framed(payload, text)).join("");
        for (const piece of pieces(stream, places)) read(piece);
        expect(result).toMatchObject({ messages, refusals: [] });
      }),
    );
  });

  it("accepts lines that end with CR LF, as telnet sends them", () => {
    const { read, messages } = reader(40);
    read("hello\r\nhello\n\r\n\x10bhello\r\n");
    expect(messages.map(({ payload }) => payload)).toEqual(["hello", "hello", "", "hello"]);
  });

  it("does not return a line without an end", () => {
    const { read, messages } = reader(40);
    read("hello");
    expect(messages).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["an unknown kind", "\x10xabc\n", 'an escaped line has the unknown kind "x", not t or b'],
    ["no kind", "\x10\n", 'an escaped line has the unknown kind "", not t or b'],
    ["an unknown escape", "\x10ta\\xb\n", 'an escaped line has the unknown escape "\\\\x"'],
    ["an escape that ends too soon", "\x10ta\\\n", 'an escaped line has the unknown escape "\\\\"'],
    ["a plain line of one byte too many", "123456789\n", "a line has more than 8 bytes"],
    ["an escaped line of one byte too many", "\x10b123456789\n", "a line has more than 8 bytes"],
  ])("refuses %s once, and reads no further", (_description, bad, why) => {
    const { read, ...result } = reader(8);
    read(`before\n${bad}after\n`);
    read("after\n");
    expect(result).toMatchObject({ messages: [{ payload: "before", text: true }], refusals: [why] });
  });

  it("accepts a payload of the maximum, however much of it is escaped", () => {
    const { read, messages } = reader(8);
    read("12345678\r\n\x10b\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\r\n");
    expect(messages.map(({ payload }) => payload)).toEqual(["12345678", "\\\\\\\\\\\\\\\\"]);
  });

  it.each([
    ["plain", "x", 10],
    ["escaped", "\x10bx", 20],
  ])("refuses a line that never ends at its largest size: %s", (_description, begin, most) => {
    const { read, refusals } = reader(8);
    read(begin);
    let readBytes = begin.length;
    for (; refusals.length === 0; readBytes++) read("x");
    expect(readBytes).toBe(most);
  });
});
