import { expect, test } from "vitest";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import { PathScheduler } from "./path-scheduler.ts";

const empty: NetworkConditions = {
  rttMs: 0,
  jitterMs: 0,
  lossShare: 0,
  queueMs: 100,
  congestionControl: "cubic",
};
/** 1 Mbit/s: 125 bytes take a millisecond. */
const narrow = { downBitsPerS: 1e6, upBitsPerS: 1e6 };

/** Everything that leaves, with its time. */
function drain(path: PathScheduler<number>): [packet: number, dueUs: number][] {
  const left: [number, number][] = [];
  for (let next = path.takeDue(1e12); next; next = path.takeDue(1e12)) left.push([next.packet, next.dueUs]);
  return left;
}

test("a packet leaves after half of the round trip, each way, and not before", () => {
  const path = new PathScheduler<number>({ ...empty, rttMs: 80 }, 1);
  path.offer(1, "up", 7, 100, 1_000);
  expect(path.nextUs()).toBe(41_000);
  expect(path.takeDue(40_999)).toBeUndefined();
  expect(path.takeDue(41_000)).toEqual({ packet: 1, way: "up", dueUs: 41_000 });
  expect(path.nextUs()).toBe(Infinity);
});

test("packets of a link follow one another at its rate, and other links do not wait", () => {
  const path = new PathScheduler<number>({ ...empty, rate: narrow }, 1);
  path.offer(1, "down", 1, 125, 0);
  path.offer(2, "down", 1, 125, 0);
  path.offer(3, "down", 2, 125, 0);
  path.offer(4, "up", 1, 125, 500);
  expect(drain(path)).toEqual([
    [1, 1_000],
    [3, 1_000],
    [4, 1_500],
    [2, 2_000],
  ]);
});

test("a packet that would wait longer than the queue is dropped, and the next one after a pause is not", () => {
  const path = new PathScheduler<number>({ ...empty, rate: narrow, queueMs: 2 }, 1);
  const accepted = [1, 2, 3, 4].map((packet) => path.offer(packet, "down", 1, 125, 0));
  expect(accepted).toEqual([true, true, true, false]);
  expect(path.offer(5, "down", 1, 125, 2_500)).toBe(true);
  expect(path.counts).toEqual({ offered: 5, lost: 0, dropped: 1, links: 1 });
});

test("jitter spreads the delays over its width and keeps the order", () => {
  const path = new PathScheduler<number>({ ...empty, rttMs: 40, jitterMs: 10 }, 5);
  for (let i = 0; i < 2_000; i++) path.offer(i, "down", 1, 100, i * 3_000);
  const left = drain(path);
  expect(left.map(([packet]) => packet)).toEqual(left.map((_, i) => i));
  const delays = left.map(([packet, dueUs]) => dueUs - 3_000 * packet);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(15_000);
  expect(Math.max(...delays)).toBeLessThan(25_001);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(9_000);
});

test("losses have the asked probability, and each lost packet is counted", () => {
  const path = new PathScheduler<number>({ ...empty, lossShare: 0.01 }, 3);
  let refused = 0;
  for (let i = 0; i < 100_000; i++) if (!path.offer(i, i % 2 ? "up" : "down", i % 50, 100, i)) refused++;
  expect(refused).toBe(path.counts.lost);
  expect(drain(path)).toHaveLength(100_000 - refused);
  expect(refused).toBeGreaterThan(850);
  expect(refused).toBeLessThan(1_150);
});

test("the same seed loses the same packets of each client, whatever the others do; another seed loses others", () => {
  const lostOf = (seed: number, others: number): number[] => {
    const path = new PathScheduler<number>({ ...empty, lossShare: 0.1 }, seed);
    const lost: number[] = [];
    for (let i = 0; i < 500; i++) {
      for (let other = 0; other < others; other++) path.offer(i, "up", 100 + other, 100, i);
      if (!path.offer(i, "up", 1, 100, i)) lost.push(i);
    }
    return lost;
  };
  expect(lostOf(1, 0)).toEqual(lostOf(1, 3));
  expect(lostOf(1, 0)).not.toEqual(lostOf(2, 0));
});
