import { borrow, type Assembly } from "./assembly.ts";
import type { Handlers } from "./wire.ts";
import type { Viewed } from "./viewed.ts";

/** How a protocol divides a stream of bytes into units: records, frames. */
export interface Units {
  /**
   * Bytes of the unit that begins at `at`, of which so many are there: its length where they tell, else as many as have to be there to
   * know more. Infinity where the unit is refused: nothing is read after that.
   */
  sizeAt(bytes: Buffer, at: number, thereBytes: number): number;
  /** Takes a whole unit. False where it is the last one: nothing is read after that. */
  take(from: Viewed, start: number, end: number): boolean;
}

/** Reads a stream in whatever pieces it comes. */
export interface UnitReader {
  read: Handlers["data"];
  /** Whether the stream has stopped within a unit. */
  midway(): boolean;
}

/**
 * Hands on each unit as soon as it is whole: from where it was received if all of it is there, else from a borrowed buffer in which it
 * was put together.
 */
export function unitReader({ sizeAt, take }: Units): UnitReader {
  let begun: Assembly | undefined;
  let over = false;

  /** Goes on with the unit that was begun; returns where its bytes end, or `end` where it is still not whole. */
  function complete(unit: Assembly, from: Viewed, start: number, end: number): number {
    let at = start;
    for (;;) {
      const missingBytes = sizeAt(unit.held.bytes, 0, unit.filledBytes) - unit.filledBytes;
      if (missingBytes > 0 && (at === end || missingBytes === Infinity)) {
        over = missingBytes === Infinity;
        return end;
      }
      if (missingBytes === 0) break;
      const upTo = Math.min(end, at + missingBytes);
      unit.add(from.bytes, at, upTo);
      at = upTo;
    }
    begun = undefined;
    over = !take(unit.held, 0, unit.filledBytes);
    unit.giveBack();
    return at;
  }

  function read(from: Viewed, start: number, end: number): void {
    if (over) return;
    let at = begun ? complete(begun, from, start, end) : start;
    while (at < end && !over) {
      const sizeBytes = sizeAt(from.bytes, at, end - at);
      if (sizeBytes > end - at) {
        over = sizeBytes === Infinity;
        if (over) return;
        begun = borrow(sizeBytes);
        begun.add(from.bytes, at, end);
        return;
      }
      over = !take(from, at, at + sizeBytes);
      at += sizeBytes;
    }
  }

  return { read, midway: () => begun !== undefined && !over };
}
