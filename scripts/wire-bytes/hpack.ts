/** A header field; names in lower case. */
export type HeaderField = readonly [name: string, value: string];

/**
 * The part of the static table (RFC 7541, appendix A) that the transports use. An empty value matches a field by its
 * name only.
 */
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

/** Number of entries in the full static table: indexes of the dynamic table follow. */
const staticEntries = 61;

/** Largest dynamic table (section 4.2): the default of SETTINGS_HEADER_TABLE_SIZE. */
const maxTableBytes = 4096;
/** Size that an entry counts in addition to its name and value (section 4.1). */
const entryOverheadBytes = 32;

/** Number of bits of each character in the Huffman code (appendix B). */
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

/** Bytes of an integer that has `prefixBits` in its first byte (section 5.1). */
function integerBytes(value: number, prefixBits: number): number {
  let rest = value - (2 ** prefixBits - 1);
  if (rest < 0) return 1;
  let bytes = 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/**
 * Bytes of a string literal (section 5.2), in the Huffman code if that is shorter. Throws a RangeError for any
 * character that is not printable ASCII.
 */
export function hpackStringBytes(text: string): number {
  const bits = Array.from(text).reduce((sum, character) => sum + (codeBits.get(character) ?? NaN), 0);
  const bytes = Math.min(text.length, Math.ceil(bits / 8));
  if (Number.isNaN(bytes)) throw new RangeError(`no Huffman code is known for all of "${text}"`);
  return integerBytes(bytes, 7) + bytes;
}

/**
 * Sizes of the header blocks that one end sends on a connection, in order, as nghttp2 encodes them. Every field enters
 * the dynamic table and takes one or two bytes when it is repeated. The path is the exception: it is written in full
 * each time.
 */
export function headerBlockSizes(): (fields: readonly HeaderField[]) => number {
  /** Dynamic table, newest entry first. */
  const table: HeaderField[] = [];

  function indexOf(name: string, value?: string): number | undefined {
    const matches = ([n, v]: HeaderField): boolean => n === name && (value === undefined || v === value);
    const staticEntry = staticTable.find(([, ...field]) => matches(field));
    if (staticEntry) return staticEntry[0];
    const position = table.findIndex(matches);
    return position < 0 ? undefined : staticEntries + 1 + position;
  }

  function add(field: HeaderField): void {
    table.unshift(field);
    const sizes = table.map(([name, value]) => entryOverheadBytes + name.length + value.length);
    for (let bytes = sizes.reduce((sum, size) => sum + size, 0); bytes > maxTableBytes; bytes -= sizes.pop()!)
      table.pop();
  }

  function fieldBytes(field: HeaderField): number {
    const [name, value] = field;
    const fieldIndex = indexOf(name, value);
    if (fieldIndex !== undefined) return integerBytes(fieldIndex, 7); // section 6.1
    const nameIndex = indexOf(name);
    const literalBytes = (prefixBits: number): number =>
      integerBytes(nameIndex ?? 0, prefixBits) +
      (nameIndex === undefined ? hpackStringBytes(name) : 0) +
      hpackStringBytes(value);
    if (name === ":path") return literalBytes(4); // section 6.2.2
    const bytes = literalBytes(6); // section 6.2.1
    add(field);
    return bytes;
  }

  return (fields) => fields.reduce((sum, field) => sum + fieldBytes(field), 0);
}
