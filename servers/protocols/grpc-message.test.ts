import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTalkMessage, encodeTalkMessage, maxTalkOverheadBytes } from "./grpc-message.ts";

describe("a message of the service", () => {
  it.each([
    ["hi", true, "0a026869"],
    ["hi", false, "12026869"],
    ["", true, "0a00"],
    ["x".repeat(128), false, `128001${"78".repeat(128)}`],
  ])("%j with text %s is encoded as Protocol Buffers prescribe", (payload, text, hex) => {
    expect(encodeTalkMessage(Buffer.from(payload), text).toString("hex")).toBe(hex);
  });

  it("is decoded to the same payload and kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }).map(Buffer.from), fc.boolean(), (payload, text) => {
        const bytes = encodeTalkMessage(payload, text);
        expect(decodeTalkMessage(bytes)).toEqual({ payload, text });
        expect(bytes.length - payload.length).toBeLessThanOrEqual(maxTalkOverheadBytes);
      }),
    );
  });

  it.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
    "is decoded at %d bytes, where the length field grows",
    (length) => {
      const payload = Buffer.alloc(length);
      expect(decodeTalkMessage(encodeTalkMessage(payload, false)).payload.length).toBe(length);
    },
  );

  it.each([
    ["nothing", ""],
    ["a tag alone", "0a"],
    ["a field of another number", "1a00"],
    ["a number instead of a string", "0801"],
    ["less than it announces", "0a0361"],
    ["more than it announces", "0a006161"],
    ["two fields", "0a00120161"],
    ["a length that does not end", "0a8080808080808001"],
    ["a length that is cut off", "0a80"],
  ])("is refused where it is %s", (_description, hex) => {
    expect(() => decodeTalkMessage(Buffer.from(hex, "hex"))).toThrow(
      "this is not a Message with a text or a binary payload",
    );
  });
});
