/** A header field; names in lower case. */
export type HeaderField = readonly [name: string, value: string];

/** What of the static table (RFC 7541, appendix A) the transports use. A value that is not there is found by its name only. */
const staticTable: readonly (readonly [index: number, ...HeaderField])[] = [
  [1, ":authority", ""],
  [2, ":method", "GET"],
  [3, ":method", "POST"],
  [4, ":path", "/"],
  [6, ":scheme", "http"],
  [7, ":scheme", "https"],
  [8, ":status", "200"],
  [9, ":status", "204"],
  [13, ":status", "404"],
  [19, "accept", ""],
  [24, "cache-control", ""],
  [31, "content-type", ""],
  [33, "date", ""],
];

/** How many entries the whole of it has: those of the dynamic table are counted on. */
const staticEntries = 61;

/** Largest dynamic table (RFC 7541, section 4.2; the default of SETTINGS_HEADER_TABLE_SIZE), and what an entry takes beside its octets. */
const tableBytes = 4096;
const entryBytes = 32;

/** Bits of a character in the Huffman code (appendix B). */
const codeBits = new Map(
  Object.entries({
    5: "012aceiost",
    6: " %-./3456789=A_bdfghlmnpru",
    7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz",
    8: "&*,;XZ",
    10: '!"()?',
    11: "'+|",
    12: "#>",
    13: "$@[]~",
    14: "^}",
    15: "<`{",
    19: "\\",
  }).flatMap(([bits, characters]) => Array.from(characters, (character) => [character, Number(bits)] as const)),
);

/** Bytes of an integer whose first byte has room for `prefixBits` (section 5.1). */
function integerBytes(value: number, prefixBits: number): number {
  let rest = value - (2 ** prefixBits - 1);
  if (rest < 0) return 1;
  let bytes = 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Bytes of a string literal (section 5.2): in the Huffman code where that is shorter. Throws at what is not printable ASCII. */
export function hpackStringBytes(text: string): number {
  const bits = Array.from(text).reduce((sum, character) => sum + (codeBits.get(character) ?? NaN), 0);
  const bytes = Math.min(text.length, Math.ceil(bits / 8));
  if (Number.isNaN(bytes)) throw new RangeError(`no Huffman code is known for all of "${text}"`);
  return integerBytes(bytes, 7) + bytes;
}

/**
 * The sizes of the header blocks that one end sends on a connection, one after another, as nghttp2 encodes them: every field goes into the
 * dynamic table, and is one byte or two when it comes again, but for the path, which is spelled out each time.
 */
export function headerBlocks(): (fields: readonly HeaderField[]) => number {
  /** The newest first. */
  const table: HeaderField[] = [];

  function indexOf(name: string, value?: string): number | undefined {
    const is = ([n, v]: HeaderField): boolean => n === name && (value === undefined || v === value);
    const fixed = staticTable.find(([, ...field]) => is(field));
    if (fixed) return fixed[0];
    const place = table.findIndex(is);
    return place < 0 ? undefined : staticEntries + 1 + place;
  }

  function add(field: HeaderField): void {
    table.unshift(field);
    const sizes = table.map(([name, value]) => entryBytes + name.length + value.length);
    for (let all = sizes.reduce((sum, size) => sum + size, 0); all > tableBytes; all -= sizes.pop()!) table.pop();
  }

  function fieldBytes(field: HeaderField): number {
    const [name, value] = field;
    const whole = indexOf(name, value);
    if (whole !== undefined) return integerBytes(whole, 7); // section 6.1
    const named = indexOf(name);
    const literalBytes = (prefixBits: number): number =>
      integerBytes(named ?? 0, prefixBits) +
      (named === undefined ? hpackStringBytes(name) : 0) +
      hpackStringBytes(value);
    if (name === ":path") return literalBytes(4); // section 6.2.2
    const bytes = literalBytes(6); // section 6.2.1
    add(field);
    return bytes;
  }

  return (fields) => fields.reduce((sum, field) => sum + fieldBytes(field), 0);
}
