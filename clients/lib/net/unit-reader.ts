import { borrowReassembly, type ReassemblyBuffer } from "./reassembly.ts";
import type { BufferView } from "./buffer-views.ts";

/**
 * A reader for a stream of units, such as records or frames, that arrives in any pieces. A unit that arrives in one
 * read is read where it lies. Any other is put together in a borrowed buffer first.
 */
export abstract class UnitReader {
  private incomplete: ReassemblyBuffer | undefined;
  private stopped = false;

  /**
   * Bytes of the unit that begins at `at`, as far as its first `availableBytes` bytes tell: its size, or the number of
   * bytes that are needed to tell more. Infinity refuses the unit and stops the reader.
   */
  protected abstract unitSizeAt(bytes: Buffer, at: number, availableBytes: number): number;
  /** Reads a complete unit. Returning false stops the reader. */
  protected abstract readUnit(from: BufferView, start: number, end: number): boolean;

  /** Reads the next bytes of the stream: those of `from` from `start` to before `end`. */
  data(from: BufferView, start: number, end: number): void {
    if (this.stopped) return;
    let at = this.incomplete ? this.continueUnit(this.incomplete, from, start, end) : start;
    while (at < end && !this.stopped) {
      const sizeBytes = this.unitSizeAt(from.bytes, at, end - at);
      if (sizeBytes > end - at) return this.beginUnit(sizeBytes, from.bytes, at, end);
      if (!this.readUnit(from, at, at + sizeBytes)) this.stopped = true;
      at += sizeBytes;
    }
  }

  /** Makes the reader ignore the rest of the stream. */
  protected stopReading(): void {
    this.stopped = true;
  }

  /** True if a unit is incomplete. At the end of the stream this is an error. */
  endsWithinUnit(): boolean {
    return this.incomplete !== undefined && !this.stopped;
  }

  private beginUnit(sizeBytes: number, bytes: Buffer, start: number, end: number): void {
    this.stopped = sizeBytes === Infinity;
    if (this.stopped) return;
    this.incomplete = borrowReassembly(sizeBytes);
    this.incomplete.add(bytes, start, end);
  }

  /** Adds bytes to the incomplete unit and reads it when it is complete. Returns where its bytes end. */
  private continueUnit(unit: ReassemblyBuffer, from: BufferView, start: number, end: number): number {
    let at = start;
    for (;;) {
      const missingBytes = this.unitSizeAt(unit.contents.bytes, 0, unit.filledBytes) - unit.filledBytes;
      if (missingBytes > 0 && (at === end || missingBytes === Infinity)) {
        this.stopped = missingBytes === Infinity;
        return end;
      }
      if (missingBytes === 0) break;
      const upTo = Math.min(end, at + missingBytes);
      unit.add(from.bytes, at, upTo);
      at = upTo;
    }
    this.incomplete = undefined;
    if (!this.readUnit(unit.contents, 0, unit.filledBytes)) this.stopped = true;
    unit.release();
    return at;
  }
}
