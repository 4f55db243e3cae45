import { describe, expect, it } from "vitest";
import { parseWithOurs, type ParseOutcome } from "../testing/llhttp-oracle.ts";

/** The longest line of a chunk's size and extensions, its line end included. */
const most = 16 * 1024;

const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** The line of a chunk of three bytes that is so long by its extension, which is written in several ways. */
const extended = {
  "a value": (bytes: number) => `3;a=${"x".repeat(bytes - 6)}\r\n`,
  "a quoted value": (bytes: number) => `3;a="${" ;".repeat(bytes).slice(0, bytes - 8)}"\r\n`,
  "many names": (bytes: number) => `3${";a".repeat(bytes).slice(0, bytes - 3)}\r\n`.replace(/;\r/, "a\r"),
};

const chunk = "3\r\nabc\r\n";
const end = "0\r\n\r\n";

/** What is made of these bytes whole, one by one and cut in two at places all over them, those around line ends among them. */
function verdicts(text: string): ParseOutcome[] {
  const bytes = Buffer.from(text, "latin1");
  const near = [...text.matchAll(/\r\n/g)].flatMap(({ index }) => [-1, 0, 1, 2, 3].map((by) => index + by));
  const all = Array.from({ length: 60 }, (_, i) => Math.floor((i * bytes.length) / 60));
  const cuts = [...near, ...all, head.length + most - 1, head.length + most, head.length + most + 1];
  return [
    parseWithOurs([bytes]),
    parseWithOurs(Array.from(bytes.keys(), (at) => bytes.subarray(at, at + 1))),
    ...cuts.map((at) => parseWithOurs([bytes.subarray(0, at), bytes.subarray(at)])),
  ];
}

describe.each(Object.entries(extended))("a chunk extension with %s", (_how, line) => {
  it.each([
    ["the first chunk", (bytes: number) => `${head}${line(bytes)}abc\r\n${chunk}${end}`, "abcabc"],
    ["a later chunk", (bytes: number) => `${head}${chunk}${line(bytes)}abc\r\n${end}`, "abcabc"],
    ["every chunk", (bytes: number) => `${head}${line(bytes)}abc\r\n`.concat(`${line(bytes)}abc\r\n`, end), "abcabc"],
    ["the last one", (bytes: number) => `${head}${chunk}${line(bytes).replace("3", "0")}\r\n`, "abc"],
  ])(
    "of %s may make its line as long as is allowed and no byte longer, in whatever pieces it comes",
    (_which, of, body) => {
      expect(line(most).length).toBe(most);
      for (const { answer, refused } of verdicts(of(most))) {
        expect(refused).toBe("");
        expect(answer).toEqual({ status: 200, body });
      }
      for (const { answer, refused } of verdicts(of(most + 1))) {
        expect(answer).toBeUndefined();
        expect(refused).toContain(`more than ${most} bytes`);
      }
    },
  );
});

it("a head may be as long as is allowed, and no byte longer", () => {
  const headOf = (bytes: number): string => {
    const [front, back] = ["HTTP/1.1 200 OK\r\nX: ", "\r\nContent-Length: 2\r\n\r\n"];
    return `${front}${"x".repeat(bytes - front.length - back.length)}${back}`;
  };
  for (const { answer } of verdicts(`${headOf(most)}ok`)) expect(answer).toEqual({ status: 200, body: "ok" });
  for (const { answer, refused } of verdicts(`${headOf(most + 1)}ok`)) {
    expect(answer).toBeUndefined();
    expect(refused).toContain(`more than ${most} bytes`);
  }
});

it("trailers may be as long as is allowed, and no byte longer, whatever the chunk's line before them was", () => {
  const trailers = (bytes: number): string => `X: ${"x".repeat(bytes - 7)}\r\n\r\n`;
  const of = (bytes: number): string => `${head}${chunk}0;a=${"x".repeat(most - 6)}\r\n${trailers(bytes)}`;
  for (const { answer, refused } of verdicts(of(most))) expect([answer?.body, refused]).toEqual(["abc", ""]);
  for (const { answer } of verdicts(of(most + 1))) expect(answer).toBeUndefined();
});
