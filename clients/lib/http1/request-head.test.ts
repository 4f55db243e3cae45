import { expect, it } from "vitest";
import { extraHeaders } from "./request-head.ts";

it.each([16, 500, 8_000])("adds headers of just %d bytes, as they stand in a request", (bytes) => {
  const lines = Object.entries(extraHeaders(bytes)).map(([name, value]) => `${name}: ${value}\r\n`);
  expect(lines.join("").length).toBe(bytes);
});

it("adds none where none are asked for", () => {
  expect(extraHeaders(0)).toEqual({});
});
