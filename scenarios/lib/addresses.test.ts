import { expect, it } from "vitest";
import { parseAddress, authority, reachableAddress } from "./addresses.ts";

it("parses HOST:PORT", () => {
  expect(parseAddress("--target", "127.0.0.1:18001")).toEqual({ host: "127.0.0.1", port: 18001 });
  expect(parseAddress("--target", "chat.example:80")).toEqual({ host: "chat.example", port: 80 });
});

it.each([
  "127.0.0.1",
  "127.0.0.1:",
  ":80",
  "127.0.0.1:0",
  "127.0.0.1:65536",
  "http://a:80",
  "[::1]:80",
  "::1:80",
  "a:8x",
])("rejects %s with an example", (text) => {
  expect(() => parseAddress("--target", text)).toThrow(/--target ".*" is not HOST:PORT: write .* such as /);
});

it("puts an IPv6 address in brackets, as in a URL", () => {
  expect(authority({ host: "::1", port: 80 })).toBe("[::1]:80");
  expect(authority({ host: "127.0.0.1", port: 80 })).toBe("127.0.0.1:80");
});

it("replaces a wildcard by an address that other hosts can use, and keeps any other address", () => {
  expect(reachableAddress({ host: "0.0.0.0", port: 80 })).toMatchObject({
    host: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
    port: 80,
  });
  expect(reachableAddress({ host: "0.0.0.0", port: 80 }).host).not.toBe("0.0.0.0");
  expect(reachableAddress({ host: "::1", port: 80 })).toEqual({ host: "::1", port: 80 });
});
