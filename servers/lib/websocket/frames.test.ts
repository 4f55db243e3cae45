import { expect, it } from "vitest";
import { webSocketFrameBytes } from "../../../scripts/wire-bytes/frame-sizes.ts";
import { encodeFrame } from "./frames.ts";

it.each([
  ["a text", Buffer.from("Hello"), true, "8105"],
  ["an empty text", Buffer.alloc(0), true, "8100"],
  ["bytes", Buffer.alloc(125, "x"), false, "827d"],
  ["256 bytes", Buffer.alloc(256, "x"), false, "827e0100"],
  ["65,535 bytes", Buffer.alloc(65_535, "x"), false, "827effff"],
  ["64 KiB", Buffer.alloc(65_536, "x"), false, "827f0000000000010000"],
])("encodes %s as one frame, as in RFC 6455, section 5.7", (_description, payload, text, header) => {
  const bytes = encodeFrame(payload, text);
  expect(bytes.subarray(0, header.length / 2).toString("hex")).toBe(header);
  expect(bytes.subarray(header.length / 2).equals(payload)).toBe(true);
  expect(bytes.length).toBe(webSocketFrameBytes(payload.length, false));
});
