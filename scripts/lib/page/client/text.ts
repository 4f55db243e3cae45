import { byteLength, type ChatMessage } from "./messages.ts";

const maxNameCharacters = 40;
/** Bytes of the longest room that fits the command "room NAME" of the servers. */
const maxRoomBytes = 56;

/** A name without what would break its line or change how others see it: control and format characters, colons. */
export function cleanName(name: string): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s:]+/gu, " ").trim();
  return Array.from(plain).slice(0, maxNameCharacters).join("") || "somebody";
}

/** A room's name as the servers accept it: without blanks, and not too long. */
export function cleanRoom(name: string): string {
  const characters = Array.from(name.trim().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, "-")).slice(0, maxRoomBytes);
  while (byteLength(characters.join("")) > maxRoomBytes) characters.pop();
  return characters.join("") || "lobby";
}

/** A line of chat, which people at nc and telnet can read, too. */
export function chatLine(name: string, text: string): string {
  return `${cleanName(name)}: ${text}`;
}

/** Name and text of a line of chat. A line without a name, such as one of nc, has an empty one. */
export function splitLine(line: string): { name: string; text: string } {
  const end = line.indexOf(": ");
  if (end < 1 || end > 2 * maxNameCharacters) return { name: "", text: line };
  return { name: line.slice(0, end), text: line.slice(end + 2) };
}

/** The beginning of a long text, and how many characters are left out. */
export function clip(text: string, maxCharacters: number): { shown: string; hidden: number } {
  if (text.length <= maxCharacters) return { shown: text, hidden: 0 };
  const shown = text.slice(0, maxCharacters).replace(/[\uD800-\uDBFF]$/, ""); // no half of a pair
  return { shown, hidden: text.length - shown.length };
}

/** Bytes that are typed as hexadecimal digits, with or without blanks. Undefined for anything else. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}

const maxHexBytes = 24;

/** The first bytes of a binary message in hexadecimal digits. */
export function hexText(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, maxHexBytes), (byte) => byte.toString(16).padStart(2, "0"));
  return digits.join(" ") + (bytes.length > maxHexBytes ? " …" : "");
}

/** "1,234 B", "56.7 KB" or "1.23 MB". Units are powers of a thousand. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${Math.round(bytes).toLocaleString("en")} B`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "KB"] : [bytes / 1_000_000, "MB"];
  return `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} ${unit}`;
}

/** "0.4 ms", "12 ms" or "1,234 ms". */
export function msText(ms: number): string {
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en")} ms`;
}

/** Bytes of the header of an unmasked WebSocket frame (RFC 6455, section 5.2). A client's is 4 longer. */
function frameHeaderBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

/**
 * What a page knows of the bytes of one own message: the payload, and for a WebSocket without compression the headers of
 * both frames. A page does not see the headers of HTTP requests.
 */
export function costText(message: ChatMessage, hasPlainFrames: boolean): string {
  const payloadBytes = byteLength(message);
  if (!hasPlainFrames) return `${bytesText(payloadBytes)} payload`;
  const header = frameHeaderBytes(payloadBytes);
  return `${bytesText(payloadBytes)} payload, frames add ${header + 4} B there and ${header} B back`;
}
