import { expect, it } from "vitest";
import { extraHeaders } from "./request-head.ts";

it.each([16, 500, 8_000])("extra headers take exactly %d bytes of a request", (bytes) => {
  const lines = Object.entries(extraHeaders(bytes)).map(([name, value]) => `${name}: ${value}\r\n`);
  expect(lines.join("").length).toBe(bytes);
});

it("0 extra bytes add no header", () => {
  expect(extraHeaders(0)).toEqual({});
});
