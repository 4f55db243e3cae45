import { createBufferView, type BufferView } from "./buffer-views.ts";

/**
 * A buffer in which the pieces of a message are put together. It is borrowed from a pool and released after the message
 * was handled.
 */
export interface ReassemblyBuffer {
  /** Bytes added so far. */
  filledBytes: number;
  /** The bytes. Another object after an `add` that made the buffer grow. */
  contents: BufferView;
  /** Adds the bytes of `from` from `start` to before `end`. */
  add(from: Buffer, start: number, end: number): void;
  release(): void;
}

/** Smallest buffer, in bytes. */
const minBytes = 4096;

/** Largest size of the pool, in bytes. A buffer released beyond it goes to the garbage collector. */
const maxPoolBytes = 16 * 1024 * 1024;

/** 2^2 cached views for each buffer are enough: consecutive messages tend to have the same length. */
const slotBits = 2;

/** Free buffers by size, which is a power of two. */
const pool = new Map<number, ReassemblyBuffer[]>();
let poolBytes = 0;

/**
 * Borrows an empty buffer with room for `bytes` bytes; it grows when more are added. All connections share the pool, so
 * that memory depends on the number of incomplete messages and not on the number of connections.
 */
export function borrowReassembly(bytes: number): ReassemblyBuffer {
  const sizeBytes = roundUp(bytes);
  const free = pool.get(sizeBytes)?.pop();
  if (free === undefined) return createReassembly(sizeBytes);
  poolBytes -= sizeBytes;
  return free;
}

function roundUp(bytes: number): number {
  return Math.max(minBytes, 2 ** Math.ceil(Math.log2(bytes)));
}

function createReassembly(sizeBytes: number): ReassemblyBuffer {
  const self: ReassemblyBuffer = {
    filledBytes: 0,
    contents: createBufferView(Buffer.allocUnsafeSlow(sizeBytes), slotBits),
    add(from, start, end) {
      const filledBytes = self.filledBytes + end - start;
      if (filledBytes > self.contents.bytes.length) {
        const before = self.contents.bytes;
        self.contents = createBufferView(Buffer.allocUnsafeSlow(roundUp(filledBytes)), slotBits);
        before.copy(self.contents.bytes, 0, 0, self.filledBytes);
      }
      from.copy(self.contents.bytes, self.filledBytes, start, end);
      self.filledBytes = filledBytes;
    },
    release() {
      const { length } = self.contents.bytes;
      self.filledBytes = 0;
      if (poolBytes + length > maxPoolBytes) return;
      poolBytes += length;
      const sameSize = pool.get(length);
      if (sameSize) sameSize.push(self);
      else pool.set(length, [self]);
    },
  };
  return self;
}
