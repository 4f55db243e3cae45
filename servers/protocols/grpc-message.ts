/*
 * talk.proto defines the service for gRPC clients. Its only message is encoded here by hand. The server sends the
 * headers of its response at once, and either side closes the connection by ending its stream.
 */

/** HTTP/2 `:path` of the method. */
export const joinPath = "/Talk/Join";

/** Tags of the two fields: number and wire type 2, length-delimited (Protocol Buffers, wire format). */
const [textTag, binaryTag] = [(1 << 3) | 2, (2 << 3) | 2];

/** Largest overhead of a message: the tag, and a length in up to five bytes of seven bits each. */
export const maxTalkOverheadBytes = 6;

/** Encodes a message: the tag, the payload's length in bytes of seven bits each, and the payload. */
export function encodeTalkMessage(payload: Buffer, text: boolean): Buffer {
  const head = [text ? textTag : binaryTag];
  let rest = payload.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest & 0x7f) | 0x80);
  head.push(rest);
  return Buffer.concat([Uint8Array.from(head), payload]);
}

/** Decodes a message. Throws where it is not exactly one of the two fields. */
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
