import type { Socket } from "node:net";
import { beforeEach, expect, it } from "vitest";
import { flushWrites, reserveSpace, type WriteQueue } from "./write-batch.ts";

beforeEach(() => flushWrites());

/** The output of a connection whose socket takes everything at once, and the socket's writes. */
function open() {
  const writes: string[] = [];
  const socket = {
    writable: true,
    writableCorked: 0,
    writableLength: 0,
    cork: () => void socket.writableCorked++,
    uncork: () => void socket.writableCorked--,
    write: (bytes: Buffer) => void writes.push(bytes.toString("latin1")),
  };
  const queue: WriteQueue = {
    socket: socket as unknown as Socket,
    encrypts: false,
    waiting: false,
    from: 0,
    to: 0,
    next: undefined,
  };
  const put = (text: string): Buffer => {
    const { bytes, at } = reserveSpace(queue, text.length);
    bytes.write(text, at, "latin1");
    return bytes;
  };
  return { put, writes, socket };
}

it("the scratch buffer is used again once sockets have taken everything", () => {
  const { put, writes } = open();
  const bytes = put("one");
  flushWrites();
  expect(put("two")).toBe(bytes);
  flushWrites();
  expect(writes).toEqual(["one", "two"]);
  expect(bytes.toString("latin1", 0, 3)).toBe("two");
});

it("the scratch buffer is not written over while a socket still reads from it", () => {
  const { put, socket } = open();
  const bytes = put("one");
  socket.writableLength = 3;
  flushWrites();
  const begin = bytes.indexOf("one");
  put("two");
  expect(bytes.toString("latin1", begin, begin + 3)).toBe("one");
  socket.writableLength = 0;
});

it("the buffer of one large frame is not kept for later frames", () => {
  const { put, writes } = open();
  const large = "x".repeat(1_000_000);
  expect(put(large).length).toBe(large.length);
  flushWrites();
  const next = put("small");
  expect(next.length).toBe(64 * 1024);
  flushWrites();
  expect(writes).toEqual([large, "small"]);
});

it("a socket that was corked for a part of a tick's output is uncorked at its end", () => {
  const [one, other] = [open(), open()];
  one.put("a");
  other.put("b");
  one.put("c");
  expect(one.socket.writableCorked).toBe(1);
  flushWrites();
  expect([one.socket.writableCorked, one.writes, other.writes]).toEqual([0, ["a", "c"], ["b"]]);
});

it("a socket that cannot be written to drops its output", () => {
  const { put, writes, socket } = open();
  socket.writable = false;
  put("lost");
  flushWrites();
  expect(writes).toEqual([]);
});
