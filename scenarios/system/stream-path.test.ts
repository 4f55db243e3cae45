import { expect, test } from "vitest";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import { StreamPath, type LinkUser } from "./stream-path.ts";

const far: NetworkConditions = {
  rttMs: 80,
  jitterMs: 0,
  lossShare: 0,
  queueMs: 100,
  congestionControl: "cubic",
};
/** 1 Mbit/s: a full segment of 1,500 bytes takes 12 ms. */
const narrow = { ...far, rate: { downBitsPerS: 1e6, upBitsPerS: 1e6 } };
const [one, other] = [{ client: 1 }, { client: 2 }];

/** Everything that happens, in order, with its time in milliseconds. */
function drain(path: StreamPath<LinkUser>): [what: string, dueMs: number][] {
  const done: [string, number][] = [];
  for (let due = path.takeDue(1e12); due; due = path.takeDue(1e12)) {
    const { event } = due;
    done.push([`${event.kind} ${event.kind === "bytes" ? event.bytes.toString() : event.way}`, due.dueUs / 1000]);
  }
  return done;
}

test("a connection opens at the server after one and a half round trips, as after SYN, SYN-ACK and ACK", () => {
  const path = new StreamPath(far, 1);
  path.accept(one, 5_000);
  expect(path.nextUs()).toBe(85_000);
  expect(path.takeDue(84_999)).toBeUndefined();
  expect(path.takeDue(85_000)).toEqual({ event: { kind: "read", connection: one, way: "up" }, dueUs: 85_000 });
  path.send(one, "up", Buffer.from("hello"), 85_000);
  expect(drain(path)).toEqual([
    ["open up", 125],
    ["bytes hello", 125],
  ]);
});

test("bytes arrive after half of the round trip, then the end of the stream, then a reset", () => {
  const path = new StreamPath(far, 1);
  expect(path.send(one, "down", Buffer.from("a"), 0)).toBe(true);
  path.finish("end", one, "down", 1_000);
  path.send(other, "up", Buffer.from("b"), 500);
  path.finish("reset", other, "up", 2_000);
  expect(drain(path)).toEqual([
    ["bytes a", 40],
    ["bytes b", 40.5],
    ["end down", 41],
    ["reset up", 42],
  ]);
});

test("a large write travels in segments, with the bytes of their headers, at the rate of its client's link", () => {
  const path = new StreamPath(narrow, 1);
  path.send(one, "up", Buffer.alloc(3_000, "x"), 0);
  path.send(other, "up", Buffer.alloc(1_448, "y"), 0);
  path.send(one, "down", Buffer.alloc(73, "z"), 0);
  const arrivals = drain(path).map(([what, dueMs]) => [what.slice(0, 7), what.length - 6, dueMs]);
  expect(arrivals).toEqual([
    ["bytes z", 73, 41],
    ["bytes x", 1_448, 52],
    ["bytes y", 1_448, 52],
    ["bytes x", 1_448, 64],
    ["bytes x", 104, 65.248],
  ]);
});

test("where the queue in front of the rate is full, the sender waits until there is room, and nothing is dropped", () => {
  const path = new StreamPath({ ...narrow, queueMs: 20 }, 1);
  expect(path.send(one, "up", Buffer.alloc(1_448), 0)).toBe(true);
  expect(path.send(one, "up", Buffer.alloc(1_448), 0)).toBe(false);
  expect(path.send(other, "up", Buffer.alloc(1_448), 0)).toBe(true);
  expect(path.takeDue(4_000)).toEqual({ event: { kind: "read", connection: one, way: "up" }, dueUs: 4_000 });
  expect(drain(path)).toHaveLength(3);
  expect(path.counts).toMatchObject({ offered: 3, lost: 0, dropped: 0, links: 2 });
});

test("jitter keeps the order of a stream", () => {
  const path = new StreamPath({ ...far, jitterMs: 40 }, 1);
  for (let i = 0; i < 500; i++) path.send(one, "up", Buffer.from(`${i}`), 1_000 * i);
  const arrived = drain(path);
  expect(arrived.map(([what]) => what)).toEqual(arrived.map((_, i) => `bytes ${i}`));
  const delays = arrived.map(([, dueMs], i) => dueMs - i);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...delays)).toBeLessThanOrEqual(60);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(20);
});
