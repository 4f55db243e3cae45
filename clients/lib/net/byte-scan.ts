let bytes = Buffer.alloc(0) as Buffer;
let words = new DataView(bytes.buffer, 0, 0);

/** The same bytes, to be read by words of four: made again only where the last call was for others. */
export function wordsIn(of: Buffer): DataView {
  if (of !== bytes) {
    bytes = of;
    words = new DataView(of.buffer, of.byteOffset, of.length);
  }
  return words;
}

/** Whether none of four bytes is below a space, a quote, a backslash or beyond ASCII: a JSON string has such bytes as they are. */
export function arePlainAscii(word: number): boolean {
  const quotes = word ^ 0x2222_2222;
  const backslashes = word ^ 0x5c5c_5c5c;
  const suspects = (quotes - 0x0101_0101) | (backslashes - 0x0101_0101) | (word - 0x2020_2020) | word;
  return (suspects & 0x8080_8080) === 0;
}
