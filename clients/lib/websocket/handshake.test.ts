import { expect, it } from "vitest";
import { headReader, upgradeRequest } from "./handshake.ts";

it.each([
  ["127.0.0.1", 8080, "127.0.0.1:8080"],
  ["127.0.0.1", 80, "127.0.0.1"],
  ["::1", 8080, "[::1]:8080"],
  ["::1", 80, "[::1]"],
])("the Host of %s and port %i is %s", (host, port, expected) => {
  expect(upgradeRequest("/chat", { host, port }, "key")).toBe(
    "GET /chat HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: key\r\nConnection: Upgrade\r\n" +
      `Upgrade: websocket\r\nHost: ${expected}\r\n\r\n`,
  );
});

it("a head is read from any two pieces, and the bytes behind it are left", () => {
  const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket";
  const all = Buffer.from(`${head}\r\n\r\nframes`);
  const endOfHead = head.length + 4;
  for (let cut = 0; cut < endOfHead; cut++) {
    const read = headReader();
    expect(read(all.subarray(0, cut))).toBeUndefined();
    expect(read(all.subarray(cut))).toEqual({ head, usedBytes: endOfHead - cut });
  }
  for (let cut = endOfHead; cut <= all.length; cut++)
    expect(headReader()(all.subarray(0, cut))).toEqual({ head, usedBytes: endOfHead });
});

it("a head is read byte by byte", () => {
  const read = headReader();
  const results = [...Buffer.from("A: b\r\n\r\n")].map((byte) => read(Buffer.of(byte)));
  expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
  expect(results.at(-1)).toEqual({ head: "A: b", usedBytes: 1 });
});

it("a head of 16 KiB is read, and a longer one is refused before its end", () => {
  const head = "x".repeat(16 * 1024);
  expect(headReader()(Buffer.from(`${head}\r\n\r\n`))).toEqual({ head, usedBytes: head.length + 4 });
  expect(() => headReader()(Buffer.from(`${head}x\r\n\r\n`))).toThrow("more than 16384 bytes");
  expect(() => headReader()(Buffer.from(`${head}x`))).toThrow("more than 16384 bytes");
});
