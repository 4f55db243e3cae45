import type { StreamFormat } from "./stream-format.ts";

const lf = 10;

/**
 * Encodes a message as a line of JSON. Text is a string, which costs 3 bytes and its escapes. Binary is
 * `{"base64":"..."}`, which costs 14 bytes and a third of the payload.
 */
export function ndjsonLine(payload: Buffer, text: boolean): Buffer {
  const value = text ? payload.toString() : { base64: payload.toString("base64") };
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/**
 * Returns a reader of lines that `ndjsonLine` made. It accepts the stream in pieces of any size and ignores empty
 * lines, which are heartbeats. It throws where a line is neither text nor binary, or longer than `maxBytes`.
 */
export function ndjsonReader(
  maxBytes: number,
  receive: (payload: Buffer, text: boolean) => void,
): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let heldBytes = 0;

  function hold(piece: Buffer): void {
    heldBytes += piece.length;
    if (heldBytes > maxBytes) throw new RangeError(`a line has more than ${maxBytes} bytes`);
    pieces.push(piece);
  }

  function readLine(): void {
    const json = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    [pieces, heldBytes] = [[], 0];
    if (json.length === 0) return;
    const value: unknown = JSON.parse(json.toString());
    if (typeof value === "string") return receive(Buffer.from(value), true);
    const base64: unknown = (value as { base64?: unknown } | null)?.base64;
    if (typeof base64 !== "string") throw new TypeError(`a line is neither text nor binary: ${json.toString()}`);
    receive(Buffer.from(base64, "base64"), false);
  }

  return function read(chunk) {
    let from = 0;
    for (let end = chunk.indexOf(lf); end >= 0; end = chunk.indexOf(lf, from)) {
      hold(chunk.subarray(from, end));
      readLine();
      from = end + 1;
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  };
}

/**
 * Newline-delimited JSON. The end of the body closes the connection, and a stream that breaks off cannot be resumed.
 */
export const ndjsonFormat: StreamFormat = {
  path: "/stream",
  contentType: "application/x-ndjson",
  preamble: Buffer.alloc(0),
  encode: ndjsonLine,
  heartbeat: Buffer.from("\n"),
  closing: Buffer.alloc(0),
  replayBytes: 0,
};
