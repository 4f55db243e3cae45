import type { Options } from "../../scenarios/contract.ts";
import type { StreamFormat } from "./stream-format.ts";

/** The types of events that are not simply text. */
export const sseEventTypes = {
  /** `data` is the text as a JSON string. */
  json: "json",
  /** `data` is the payload in base64. */
  base64: "base64",
  /** The server has closed the link; `data` is empty. */
  close: "close",
} as const;

const [lf, cr] = [10, 13];

/** How an event's id is written: of fixed width, so that an event costs the same bytes at any time. */
function idOf(event: number): string {
  return String(event).padStart(8, "0");
}

/**
 * One message as a server-sent event (HTML standard, section 9.2). Text goes as it is, with a `data:` line for each of its lines: 8 bytes,
 * and 6 more for every LF. A CR cannot go as it is, since the parser makes an LF of it: text with a CR goes as a JSON string, at 12 bytes
 * for the type, 2 for the quotes and its escapes. Binary goes in base64, at 14 bytes for the type and a third of the payload. The
 * `id:` line takes 13 bytes.
 */
export function sseEvent(payload: Buffer, text: boolean, id: number): Buffer {
  const begin = `id: ${idOf(id)}\n`;
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
 * Hands on the message of an event that `eventOf` made, as a parser gave it whose characters are bytes. Returns false where the event is
 * none of these types.
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

/** Server-sent events. A client that was cut off is told to wait for a short part of the time that it may be silent. */
export function sseFormat(options: Options): StreamFormat {
  return {
    path: "/events",
    type: "text/event-stream",
    opening: Buffer.from(`retry: ${Math.ceil(options.idleMs / 20)}\n\n`),
    encode: sseEvent,
    heartbeat: Buffer.from(":\n\n"),
    goodbye: Buffer.from(`event: ${sseEventTypes.close}\ndata:\n\n`),
    replayBytes: 64 * 1024,
  };
}
