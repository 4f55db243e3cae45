import { expect, it } from "vitest";
import { parseAddress, authority, isLoopback, placeOf, reachableAddress } from "./addresses.ts";

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

it.each(["localhost", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"])(
  "%s is this machine alone, in whatever network it is",
  (host) => expect(isLoopback({ host, port: 80 })).toBe(true),
);

it.each(["192.0.2.1", "chat.example", "127.0.0.1.example", "localhost.example", "2001:db8::1", "::ffff:192.0.2.1"])(
  "%s is not loopback",
  (host) => expect(isLoopback({ host, port: 80 })).toBe(false),
);

it("a Unix socket is named by its path, and is no loopback", () => {
  const address = { host: "localhost", port: 0, socketPath: "/run/chat.sock" };
  expect([placeOf(address), isLoopback(address)]).toEqual(["/run/chat.sock", false]);
  expect(placeOf({ host: "::1", port: 80 })).toBe("[::1]:80");
});
