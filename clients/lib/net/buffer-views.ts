/** A buffer whose parts are looked at through views that are kept: in the long run, looking at it allocates nothing. */
export interface BufferView {
  bytes: Buffer;
  /** The bytes from `start` to before `end`, as a Buffer that shares their memory. */
  view(start: number, end: number): Buffer;
}

/** 2^32 divided by the golden ratio: multiples of it lie far apart, so that messages of one length share no place. */
const golden = 0x9e37_79b1;

/**
 * Keeps one view at each of 2^`placeBits` places; another part that falls on the same place takes it over. The default is enough for
 * every message of a full read of 64 KiB, where these are of one length.
 */
export function viewOf(bytes: Buffer, placeBits = 12): BufferView {
  // Full from the start: an array that grew at scattered places would be a dictionary.
  const views = Array.from<Buffer | undefined>({ length: 2 ** placeBits });
  const starts = new Int32Array(2 ** placeBits).fill(-1);
  const ends = new Int32Array(2 ** placeBits);
  const shift = 32 - placeBits;
  return {
    bytes,
    view(start, end) {
      const place = Math.imul(start + (end << 16), golden) >>> shift;
      if (starts[place] === start && ends[place] === end) return views[place]!;
      starts[place] = start;
      ends[place] = end;
      return (views[place] = bytes.subarray(start, end));
    },
  };
}
