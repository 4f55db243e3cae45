import type { Options } from "../../scenarios/contract.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Event types. An event without a type is a plain text. */
export const sseEventTypes = {
  /** `data` is the text as a JSON string. */
  json: "json",
  /** `data` is the payload in base64. */
  base64: "base64",
  /** The server has closed the connection; `data` is empty. */
  close: "close",
} as const;

const [lf, cr] = [10, 13];

/** Formats the id of an event. The width is fixed, so every event costs the same bytes. */
function formatId(id: number): string {
  return String(id).padStart(8, "0");
}

/**
 * Encodes a message as a server-sent event (HTML standard, section 9.2). The `id:` line costs 13 bytes, and `data:`
 * with the line ends 8.
 *
 * Text is sent unchanged, with a `data:` line for each of its lines: 6 bytes more for every LF. The parser turns a CR
 * into an LF, so a text with a CR is sent as a JSON string: 12 bytes for the type, 2 for the quotes, and its escapes.
 * Binary is sent in base64: 14 bytes for the type and a third of the payload.
 */
export function sseEvent(payload: Buffer, text: boolean, id: number): Buffer {
  const begin = `id: ${formatId(id)}\n`;
  if (!text) return Buffer.from(`${begin}event: ${sseEventTypes.base64}\ndata: ${payload.toString("base64")}\n\n`);
  if (payload.includes(cr))
    return Buffer.from(`${begin}event: ${sseEventTypes.json}\ndata: ${JSON.stringify(payload.toString())}\n\n`);
  const lines = payload.includes(lf) ? payload.toString("latin1").replaceAll("\n", "\ndata: ") : payload;
  const bytes = Buffer.allocUnsafe(begin.length + "data: \n\n".length + lines.length);
  let at = bytes.write(`${begin}data: `, "latin1");
  at += typeof lines === "string" ? bytes.write(lines, at, "latin1") : lines.copy(bytes, at);
  bytes.write("\n\n", at, "latin1");
  return bytes;
}

/**
 * Calls `receive` with the message of an event that `sseEvent` made. In `data` each character is one byte. Returns
 * false where the type is not one of a message.
 */
export function readSseEvent(
  type: string | undefined,
  data: string,
  receive: (payload: Buffer, text: boolean) => void,
): boolean {
  if (type === undefined) receive(Buffer.from(data, "latin1"), true);
  else if (type === sseEventTypes.json)
    receive(Buffer.from(JSON.parse(Buffer.from(data, "latin1").toString()) as string), true);
  else if (type === sseEventTypes.base64) receive(Buffer.from(data, "base64"), false);
  else return false;
  return true;
}

/**
 * Server-sent events. `retry` makes a client that was cut off reconnect after a twentieth of `idleMs`, well before its
 * session ends.
 */
export function sseFormat(options: Options): StreamFormat {
  return {
    path: "/events",
    contentType: "text/event-stream",
    preamble: Buffer.from(`retry: ${Math.ceil(options.idleMs / 20)}\n\n`),
    encode: sseEvent,
    heartbeat: Buffer.from(":\n\n"),
    closing: Buffer.from(`event: ${sseEventTypes.close}\ndata:\n\n`),
    replayBytes: 64 * 1024,
  };
}
