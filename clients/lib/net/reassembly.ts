import { viewOf, type BufferView } from "./buffer-views.ts";

/** A buffer in which what arrives in pieces is put together. It is lent: whoever borrows it returns it when the whole has been handed on. */
export interface ReassemblyBuffer {
  /** Bytes put in so far. */
  filledBytes: number;
  /** The buffer; another one after an `add` that made it grow. */
  held: BufferView;
  /** Puts in the bytes from `start` to before `end`. */
  add(from: Buffer, start: number, end: number): void;
  release(): void;
}

/** Smallest buffer lent, in bytes. */
const leastBytes = 4096;

/** The most that is kept for later, in bytes: beyond it, what comes back is left to the garbage collector. */
const keptLimitBytes = 16 * 1024 * 1024;

/** Views kept of each: the next message tends to have the length of the last. */
const placeBits = 2;

/** What has come back, by the power of two that its bytes are. */
const kept = new Map<number, ReassemblyBuffer[]>();
let keptBytes = 0;

/**
 * Lends an empty assembly with room for so many bytes, which grows where more are added. What one connection has returned another may
 * have next, so that memory goes with the messages that are under way and not with the connections.
 */
export function borrowReassembly(bytes: number): ReassemblyBuffer {
  const sizeBytes = roundUp(bytes);
  const again = kept.get(sizeBytes)?.pop();
  if (again === undefined) return assembly(sizeBytes);
  keptBytes -= sizeBytes;
  return again;
}

function roundUp(bytes: number): number {
  return Math.max(leastBytes, 2 ** Math.ceil(Math.log2(bytes)));
}

function assembly(sizeBytes: number): ReassemblyBuffer {
  const self: ReassemblyBuffer = {
    filledBytes: 0,
    held: viewOf(Buffer.allocUnsafeSlow(sizeBytes), placeBits),
    add(from, start, end) {
      const filledBytes = self.filledBytes + end - start;
      if (filledBytes > self.held.bytes.length) {
        const before = self.held.bytes;
        self.held = viewOf(Buffer.allocUnsafeSlow(roundUp(filledBytes)), placeBits);
        before.copy(self.held.bytes, 0, 0, self.filledBytes);
      }
      from.copy(self.held.bytes, self.filledBytes, start, end);
      self.filledBytes = filledBytes;
    },
    release() {
      const { length } = self.held.bytes;
      self.filledBytes = 0;
      if (keptBytes + length > keptLimitBytes) return;
      keptBytes += length;
      const alike = kept.get(length);
      if (alike) alike.push(self);
      else kept.set(length, [self]);
    },
  };
  return self;
}
