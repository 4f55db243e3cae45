import { expect, it } from "vitest";
import { borrowReassembly } from "./reassembly.ts";

const mib = 1024 * 1024;

it("a buffer that grows keeps the bytes that it had, in order", () => {
  const buffer = borrowReassembly(10);
  const all = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7) % 251));
  for (let at = 0; at < all.length; at += 1_500) buffer.add(all, at, Math.min(all.length, at + 1_500));
  expect(buffer.filledBytes).toBe(all.length);
  expect(buffer.contents.view(0, buffer.filledBytes).equals(all)).toBe(true);
  buffer.release();
});

it("a released buffer is borrowed again, empty, for any length that needs its size", () => {
  const buffer = borrowReassembly(70_000);
  buffer.add(Buffer.alloc(500), 0, 500);
  buffer.release();
  const again = borrowReassembly(100_000);
  expect(again).toBe(buffer);
  expect(again.filledBytes).toBe(0);
  expect(borrowReassembly(100_000)).not.toBe(buffer);
});

it("a buffer that has grown is borrowed again in its new size", () => {
  const buffer = borrowReassembly(5_000);
  buffer.add(Buffer.alloc(300_000), 0, 300_000);
  buffer.release();
  expect(borrowReassembly(5_000)).not.toBe(buffer);
  expect(borrowReassembly(300_000)).toBe(buffer);
});

it("buffers are borrowed again however many bytes have passed through the pool", () => {
  const buffer = borrowReassembly(mib);
  for (let i = 0; i < 40; i++) {
    buffer.release();
    expect(borrowReassembly(mib)).toBe(buffer);
  }
});

it("the pool keeps at most 16 MiB", () => {
  const buffers = Array.from({ length: 5 }, () => borrowReassembly(4 * mib));
  for (const each of buffers) each.release();
  const again = buffers.map(() => borrowReassembly(4 * mib));
  expect(again.filter((each) => buffers.includes(each)).length).toBeLessThanOrEqual(4);
  expect(again.filter((each) => buffers.includes(each)).length).toBeGreaterThanOrEqual(3);
});
