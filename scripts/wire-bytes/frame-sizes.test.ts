import * as fc from "fast-check";
import { expect, it } from "vitest";
import { webSocketFrameBytes, webSocketHeaderBytes, headBytes, jsonTextBytes } from "./frame-sizes.ts";

it.each([
  [0, 2, 6],
  [125, 2, 6],
  [126, 4, 8],
  [65_535, 4, 8],
  [65_536, 10, 14],
])(
  "a payload of %d bytes has a frame header of %d bytes from a server and %d from a client",
  (payloadBytes, unmasked, masked) => {
    expect([webSocketHeaderBytes(payloadBytes, false), webSocketHeaderBytes(payloadBytes, true)]).toEqual([
      unmasked,
      masked,
    ]);
    expect(webSocketFrameBytes(payloadBytes, true)).toBe(masked + payloadBytes);
  },
);

it("computes the size of any text as JSON", () => {
  // fast-check's unit "binary" would build a table of all characters, which takes seconds.
  const character = fc
    .integer({ min: 0, max: 0x10_ff_ff })
    .filter((code) => code < 0xd8_00 || code > 0xdf_ff)
    .map((code) => String.fromCodePoint(code));
  const text = fc.string({
    unit: fc.oneof(character, fc.constantFrom('"', "\\", "\n", "\t", "\u0001", "é", "☕", "🤷")),
  });
  fc.assert(
    fc.property(text, (string) => {
      expect(jsonTextBytes(string)).toBe(Buffer.byteLength(JSON.stringify(string)));
    }),
  );
});

it("counts a CRLF after each header line and one after the head", () => {
  expect(headBytes(["GET / HTTP/1.1", "Host: x"])).toBe("GET / HTTP/1.1\r\nHost: x\r\n\r\n".length);
});
