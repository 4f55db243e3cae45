import { expect, it } from "vitest";
import type { BufferView } from "./buffer-views.ts";
import { UnitReader } from "./unit-reader.ts";

/**
 * Reads units of a two-byte header and as many bytes as its second byte says. A second byte of 255 is refused, and a
 * unit of one byte is the last that is read.
 */
class TestReader extends UnitReader {
  readonly units: string[] = [];

  protected unitSizeAt(bytes: Buffer, at: number, availableBytes: number): number {
    if (availableBytes < 2) return 2;
    return bytes[at + 1] === 255 ? Infinity : 2 + bytes[at + 1]!;
  }

  protected readUnit(from: BufferView, start: number, end: number): boolean {
    this.units.push(from.view(start + 2, end).toString());
    return end - start !== 3;
  }
}

function read(...pieces: (string | number[])[]): { units: string[]; endsWithinUnit: boolean } {
  const reader = new TestReader();
  for (const piece of pieces) {
    const bytes = Buffer.from(piece as string);
    reader.data({ bytes, view: (start, end) => bytes.subarray(start, end) }, 0, bytes.length);
  }
  return { units: reader.units, endsWithinUnit: reader.endsWithinUnit() };
}

it("a stream that ends between two units does not end within one", () => {
  expect(read()).toEqual({ units: [], endsWithinUnit: false });
  expect(read("-\x02ab-\x03cde")).toEqual({ units: ["ab", "cde"], endsWithinUnit: false });
});

it("a stream that ends within a header or within a body ends within a unit", () => {
  expect(read("-\x02ab-")).toEqual({ units: ["ab"], endsWithinUnit: true });
  expect(read("-\x02ab-\x03cd")).toEqual({ units: ["ab"], endsWithinUnit: true });
  expect(read("-", "\x02", "a", "b-")).toEqual({ units: ["ab"], endsWithinUnit: true });
});

it("a unit that is refused stops the reader, at once or in pieces, and the stream does not end within it", () => {
  const header = [45, 255];
  expect(read("-\x02ab", header, "-\x02cd")).toEqual({ units: ["ab"], endsWithinUnit: false });
  expect(read("-\x02ab", [45], [255], "-\x02cd")).toEqual({ units: ["ab"], endsWithinUnit: false });
});

it("nothing is read after a unit that stops the reader, at once or in pieces, nor is it incomplete", () => {
  expect(read("-\x01a-\x02bc-")).toEqual({ units: ["a"], endsWithinUnit: false });
  expect(read("-", "\x01", "a-\x02bc", "-")).toEqual({ units: ["a"], endsWithinUnit: false });
});
