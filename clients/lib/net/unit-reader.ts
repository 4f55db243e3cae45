import { borrowReassembly, type ReassemblyBuffer } from "./reassembly.ts";
import type { BufferView } from "./buffer-views.ts";

/**
 * Reads a stream, in whatever pieces it comes, that a protocol divides into units: records, frames. Each is handed on as soon as it is
 * whole: from where it was received if all of it is there, else from a borrowed buffer in which it was put together.
 */
export abstract class UnitReader {
  private begun: ReassemblyBuffer | undefined;
  private done = false;

  /**
   * Bytes of the unit that begins at `at`, of which so many are there: its length where they tell, else as many as have to be there to
   * know more. Infinity where the unit is refused: nothing is read after that.
   */
  protected abstract sizeAt(bytes: Buffer, at: number, thereBytes: number): number;
  /** Takes a whole unit. False where it is the last one: nothing is read after that. */
  protected abstract take(from: BufferView, start: number, end: number): boolean;

  /** Reads what came next: the bytes of `from` from `start` to before `end`. */
  data(from: BufferView, start: number, end: number): void {
    if (this.done) return;
    let at = this.begun ? this.complete(this.begun, from, start, end) : start;
    while (at < end && !this.done) {
      const sizeBytes = this.sizeAt(from.bytes, at, end - at);
      if (sizeBytes > end - at) return this.hold(sizeBytes, from.bytes, at, end);
      if (!this.take(from, at, at + sizeBytes)) this.done = true;
      at += sizeBytes;
    }
  }

  /** Says that the rest of the stream is of no interest. */
  protected readNoMore(): void {
    this.done = true;
  }

  /** Whether the stream has stopped within a unit. */
  midway(): boolean {
    return this.begun !== undefined && !this.done;
  }

  private hold(sizeBytes: number, bytes: Buffer, start: number, end: number): void {
    this.done = sizeBytes === Infinity;
    if (this.done) return;
    this.begun = borrowReassembly(sizeBytes);
    this.begun.add(bytes, start, end);
  }

  /** Goes on with the unit that was begun; returns where its bytes end, or `end` where it is still not whole. */
  private complete(unit: ReassemblyBuffer, from: BufferView, start: number, end: number): number {
    let at = start;
    for (;;) {
      const missingBytes = this.sizeAt(unit.held.bytes, 0, unit.filledBytes) - unit.filledBytes;
      if (missingBytes > 0 && (at === end || missingBytes === Infinity)) {
        this.done = missingBytes === Infinity;
        return end;
      }
      if (missingBytes === 0) break;
      const upTo = Math.min(end, at + missingBytes);
      unit.add(from.bytes, at, upTo);
      at = upTo;
    }
    this.begun = undefined;
    if (!this.take(unit.held, 0, unit.filledBytes)) this.done = true;
    unit.release();
    return at;
  }
}
