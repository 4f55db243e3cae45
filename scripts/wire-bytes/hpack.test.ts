import { connect, createServer, type ClientHttp2Session, type Http2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { headerBlockSizes, hpackStringBytes, type HeaderField } from "./hpack.ts";

it("computes the block sizes of the examples in RFC 7541, appendix C.4", () => {
  const blockBytes = headerBlockSizes();
  const request = (): HeaderField[] => [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ];
  expect(blockBytes(request())).toBe(17);
  expect(blockBytes([...request(), ["cache-control", "no-cache"]])).toBe(12);
});

it("throws for a character whose Huffman code it does not know", () => {
  expect(() => hpackStringBytes("é")).toThrow('no Huffman code is known for all of "é"');
});

let server: Http2Server;
let client: ClientHttp2Session;
let accepted: Socket;

beforeEach(async () => {
  server = createServer();
  server.on("connection", (socket: Socket) => (accepted = socket));
  server.on("stream", (stream) => stream.respond({ ":status": 204 }, { endStream: true }));
  await once(server.listen(0, "127.0.0.1"), "listening");
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, "localSettings"); // the server has acknowledged our SETTINGS, and ours of its SETTINGS was sent before
});

afterEach(() => {
  client.destroy();
  server.close();
});

/** Bytes of one request on the server's socket. */
async function requestBytes(fields: readonly HeaderField[]): Promise<number> {
  const before = accepted.bytesRead;
  const stream = client.request(Object.fromEntries(fields), { endStream: true }).resume();
  await once(stream, "close");
  return accepted.bytesRead - before;
}

const text = fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019 -/,:;=()\"'+*{}~&<\\")), maxLength: 60 });
const value = text.map((word) => word.trim());
const headers = fc.record(
  {
    accept: fc.constantFrom("text/event-stream", "*/*"),
    "content-type": fc.constantFrom("text/plain", "application/octet-stream"),
    "last-event-id": value,
    "x-browser": fc.oneof(value, fc.constant("x".repeat(500))),
  },
  { requiredKeys: [] },
);
const path = fc.stringMatching(/^\/[a-z0-9?=/]{0,40}$/);

it(
  "agrees with nghttp2 for a sequence of random requests, also when the dynamic table overflows",
  { timeout: 30_000 },
  async () => {
    const requests = fc.sample(fc.tuple(path, headers), { numRuns: 200, seed: 7 });
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const blockBytes = headerBlockSizes();
    const measured: number[] = [];
    const expected: number[] = [];
    for (const [target, more] of requests) {
      const fields: HeaderField[] = [[":path", target], [":method", "GET"], ...Object.entries(more)];
      measured.push(await requestBytes(fields));
      const [first, second, ...rest] = fields as [HeaderField, HeaderField, ...HeaderField[]];
      expected.push(9 + blockBytes([first, second, [":authority", authority], [":scheme", "http"], ...rest]));
    }
    expect(measured).toEqual(expected);
  },
);
