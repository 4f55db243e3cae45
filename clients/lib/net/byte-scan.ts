let bytes = Buffer.alloc(0) as Buffer;
let view = new DataView(bytes.buffer, 0, 0);

/**
 * A DataView of the same bytes, to read words of four. The last one is cached: a call for the same buffer allocates
 * nothing.
 */
export function dataViewOf(buffer: Buffer): DataView {
  if (buffer !== bytes) {
    bytes = buffer;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }
  return view;
}

/**
 * True if a JSON string needs no escape for any of the four bytes of a word: ASCII, not below a space, no quote and no
 * backslash.
 */
export function arePlainAscii(word: number): boolean {
  const quotes = word ^ 0x2222_2222;
  const backslashes = word ^ 0x5c5c_5c5c;
  const suspects = (quotes - 0x0101_0101) | (backslashes - 0x0101_0101) | (word - 0x2020_2020) | word;
  return (suspects & 0x8080_8080) === 0;
}
