let bytes = Buffer.alloc(0) as Buffer;
let words = new DataView(bytes.buffer, 0, 0);

/** The same bytes, to be read by words of four: made again only where the last call was for others. */
export function wordsOf(of: Buffer): DataView {
  if (of !== bytes) {
    bytes = of;
    words = new DataView(of.buffer, of.byteOffset, of.length);
  }
  return words;
}
