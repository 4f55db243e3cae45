/*
 * The service that gRPC clients call is written down for them in talk.proto. Its messages are encoded here by hand: there is but one. The
 * server answers a call with its headers at once, and either side says goodbye by ending its stream.
 */

/** What is called, by HTTP/2's `:path`. */
export const joinPath = "/Talk/Join";

/** A field's number and "length-delimited" (Protocol Buffers, wire format). */
const [textTag, binaryTag] = [(1 << 3) | 2, (2 << 3) | 2];

/** Bytes that a message has around its payload at most: the tag, and a length in up to five bytes of seven bits each. */
export const maxTalkOverheadBytes = 6;

/** A message of one field: 1 byte, the payload's length in bytes of seven bits each, and the payload. */
export function encodeTalkMessage(payload: Buffer, text: boolean): Buffer {
  const head = [text ? textTag : binaryTag];
  let rest = payload.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest & 0x7f) | 0x80);
  head.push(rest);
  return Buffer.concat([Uint8Array.from(head), payload]);
}

/** What such a message says. Throws where it is not just one of the two fields. */
export function decodeTalkMessage(bytes: Buffer): { payload: Buffer; text: boolean } {
  let [at, length, digit] = [1, 0, 0];
  do {
    digit = bytes[at] ?? 0;
    length += (digit & 0x7f) * 2 ** (7 * (at - 1));
    at++;
  } while (digit >= 0x80 && at < maxTalkOverheadBytes);
  const text = bytes[0] === textTag;
  if ((!text && bytes[0] !== binaryTag) || at > bytes.length || at + length !== bytes.length)
    throw new Error("this is not a Message with a text or a binary payload");
  return { payload: bytes.subarray(at), text };
}
