import { createHash, randomBytes } from "node:crypto";
import type { Address } from "../../../scenarios/contract.ts";

/** What every server appends to a key before it hashes it (RFC 6455, section 1.3). */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Longest response head that is read: what Node's own client reads. */
const maxHeadBytes = 16 * 1024;

/** A key that no other handshake has: 16 random bytes in base64. */
export function freshKey(): string {
  return randomBytes(16).toString("base64");
}

/** The opening handshake's request, to the byte as the `ws` library writes it when it offers no compression (RFC 6455, section 4.1). */
export function upgradeRequest(target: string, { host, port }: Address, key: string): string {
  return [
    `GET ${target} HTTP/1.1`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    `Host: ${host.includes(":") ? `[${host}]` : host}${port === 80 ? "" : `:${port}`}`,
    "\r\n",
  ].join("\r\n");
}

/**
 * Puts the head of a response together from the pieces in which it comes: answers it when its empty line is there, together with how many
 * of the last piece's bytes belong to it. Throws where it grows beyond 16 KiB.
 */
export function headReader(): (piece: Buffer) => { head: string; usedBytes: number } | undefined {
  let before = "";
  return function read(piece) {
    const text = before + piece.toString("latin1");
    const end = text.indexOf("\r\n\r\n", Math.max(0, before.length - 3));
    if ((end < 0 ? text.length : end) > maxHeadBytes)
      throw new Error(`the server's answer has a head of more than ${maxHeadBytes} bytes`);
    if (end >= 0) return { head: text.slice(0, end), usedBytes: end + 4 - before.length };
    before = text;
    return undefined;
  };
}

/** Throws, with one sentence, unless the response accepts the handshake with that key as the RFC says (section 4.1). */
export function checkUpgrade(head: string, key: string): void {
  const [statusLine, ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine!)?.[1];
  if (status !== "101") throw new Error(`the server answered ${JSON.stringify(statusLine)} where 101 was due`);
  const headers = headersOf(lines);
  const accept = createHash("sha1")
    .update(key + guid)
    .digest("base64");
  const is = (name: string, value: string): boolean => (headers.get(name) ?? "").toLowerCase() === value;
  const tokens = (headers.get("connection") ?? "").toLowerCase().split(/[\t ]*,[\t ]*/);
  if (!is("upgrade", "websocket")) throw new Error("the server's handshake does not upgrade to websocket");
  if (!tokens.includes("upgrade")) throw new Error("the server's handshake does not upgrade the connection");
  if (headers.get("sec-websocket-accept") !== accept) throw new Error("the server's handshake does not answer the key");
  for (const offered of ["sec-websocket-extensions", "sec-websocket-protocol"])
    if (headers.has(offered)) throw new Error(`the server's handshake has ${offered}, which nobody offered`);
}

/** Header fields by their names in lower case; those of one name are joined by commas (RFC 9110, section 5.3). Throws where a line is none. */
function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~\w-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line);
    if (!field) throw new Error(`the server's handshake has the line ${JSON.stringify(line)}, which is no header`);
    const name = field[1]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? field[2]! : `${before}, ${field[2]!}`);
  }
  return headers;
}
