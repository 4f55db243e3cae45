/** A buffer with a cache of views, so that a message at a place seen before costs no allocation. */
export interface BufferView {
  bytes: Buffer;
  /** The bytes from `start` to before `end`, as a Buffer on the same memory. */
  view(start: number, end: number): Buffer;
}

/**
 * 2^32 divided by the golden ratio (Fibonacci hashing, Knuth 6.4): spreads the multiples of a length over all slots.
 */
const golden = 0x9e37_79b1;

/**
 * Creates a cache of 2^`slotBits` views. A new view replaces the one in its slot. The default has room for every
 * message of a read of 64 KiB, where the messages are of one length.
 */
export function createBufferView(bytes: Buffer, slotBits = 12): BufferView {
  // Filled at once: V8 makes an array that grows at scattered indices a dictionary.
  const views = Array.from<Buffer | undefined>({ length: 2 ** slotBits });
  const starts = new Int32Array(2 ** slotBits).fill(-1);
  const ends = new Int32Array(2 ** slotBits);
  const shift = 32 - slotBits;
  return {
    bytes,
    view(start, end) {
      const slot = Math.imul(start + (end << 16), golden) >>> shift;
      if (starts[slot] === start && ends[slot] === end) return views[slot]!;
      starts[slot] = start;
      ends[slot] = end;
      return (views[slot] = bytes.subarray(start, end));
    },
  };
}
