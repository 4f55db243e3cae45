import * as fc from "fast-check";
import { expect, it } from "vitest";
import { borrowReassembly } from "./reassembly.ts";
import { createBufferView } from "./buffer-views.ts";

const bytes = Buffer.from(Uint8Array.from({ length: 300 }, (_, i) => i));

it("returns exactly the requested bytes, whatever views are in the cache", () => {
  const part = fc.tuple(fc.nat(300), fc.nat(300)).map((ends) => ends.toSorted((a, b) => a - b) as [number, number]);
  fc.assert(
    fc.property(fc.array(part), fc.integer({ min: 1, max: 5 }), (parts, slotBits) => {
      const cached = createBufferView(bytes, slotBits);
      for (const [start, end] of parts) {
        const view = cached.view(start, end);
        expect([view.byteOffset - bytes.byteOffset, view.length]).toEqual([start, end - start]);
      }
    }),
  );
});

it.each([18, 100, 130, 132, 1_000])("caches the views of all messages of %d bytes in a read of 64 KiB", (length) => {
  const full = createBufferView(Buffer.alloc(64 * 1024));
  const viewAll = (): Buffer[] => {
    const starts = Array.from({ length: Math.min(400, Math.floor(full.bytes.length / length)) }, (_, i) => i * length);
    return starts.map((start) => full.view(start + 2, start + length));
  };
  const before = viewAll();
  expect(viewAll().every((view, i) => view === before[i])).toBe(true);
});

it("reassembles pieces, also more than expected, in buffers that are used again", () => {
  const piece = fc.uint8Array({ maxLength: 3_000 }).map((all) => Buffer.from(all));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(9_000), (pieces, expectedBytes) => {
      const assembly = borrowReassembly(expectedBytes);
      for (const each of pieces) assembly.add(each, 0, each.length);
      const all = Buffer.concat(pieces);
      expect(assembly.contents.view(0, assembly.filledBytes).equals(all)).toBe(true);
      assembly.release();
    }),
  );
  const borrowed = borrowReassembly(5_000);
  const view = borrowed.contents.view(0, 10);
  borrowed.release();
  expect(borrowReassembly(6_000).contents.view(0, 10)).toBe(view);
});

it("does not lend a buffer twice at a time", () => {
  const [one, other] = [borrowReassembly(10), borrowReassembly(10)];
  one.add(Buffer.from("one"), 0, 3);
  other.add(Buffer.from("other"), 0, 5);
  expect([one, other].map(({ contents, filledBytes }) => contents.view(0, filledBytes).toString())).toEqual([
    "one",
    "other",
  ]);
});
