/** One message as a page has it: a string is text, bytes are binary. */
export type ChatMessage = string | Uint8Array;

const textBit = 0x8000_0000;
const recordHeaderBytes = 4;

/**
 * Messages in the body of a response to a poll: a JSON array of strings, or records one after another
 * (servers/protocols/batch.ts and records.ts). Throws a RangeError where the body ends within a record.
 */
export function readPolledBatch(contentType: string, body: Uint8Array): ChatMessage[] {
  if (contentType.startsWith("application/json")) return JSON.parse(new TextDecoder().decode(body)) as string[];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const messages: ChatMessage[] = [];
  for (let at = 0; at < body.length;) {
    const header = view.getUint32(at);
    const end = at + recordHeaderBytes + (header & ~textBit);
    if (end > body.length) throw new RangeError(`a batch of ${body.length} bytes ends within a record`);
    const payload = body.slice(at + recordHeaderBytes, end);
    messages.push(header >>> 31 === 1 ? new TextDecoder().decode(payload) : payload);
    at = end;
  }
  return messages;
}

/** Message of a line of a streamed response (servers/protocols/ndjson.ts). Undefined for a heartbeat. */
export function readLine(line: string): ChatMessage | undefined {
  if (line === "") return undefined;
  const value = JSON.parse(line) as string | { base64: string };
  return typeof value === "string" ? value : bytesOfBase64(value.base64);
}

/** Returns a function that takes a text in pieces and returns the lines that are complete, without their ends. */
export function lineSplitter(): (piece: string) => string[] {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    return lines;
  };
}

/** Bytes that are written in base64. */
export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Length of a message in bytes, a text in UTF-8. */
export function byteLength(message: ChatMessage): number {
  return typeof message === "string" ? new TextEncoder().encode(message).length : message.length;
}

/** True if two messages are of the same kind and have the same content. */
export function isSame(one: ChatMessage, other: ChatMessage): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
