import { createHash, randomBytes } from "node:crypto";
import type { Address } from "../../../scenarios/contract.ts";
import { hostHeader } from "../net/tls-options.ts";

/** The constant that a server appends to the key before it hashes it (RFC 6455, section 1.3). */
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Longest response head, in bytes. Node's own client has the same limit. */
const maxHeadBytes = 16 * 1024;

/** A key for one handshake: 16 random bytes in base64. */
export function randomKey(): string {
  return randomBytes(16).toString("base64");
}

/**
 * The request of the opening handshake (RFC 6455, section 4.1), byte for byte as the `ws` library writes it without
 * compression.
 */
export function upgradeRequest(target: string, address: Address, key: string): string {
  return [
    `GET ${target} HTTP/1.1`,
    ...Object.entries(address.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    ...(address.subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${address.subprotocol}`]),
    `Host: ${hostHeader(address)}`,
    "\r\n",
  ].join("\r\n");
}

/**
 * A reader that joins the head of a response from its pieces. At the empty line it returns the head and how many bytes
 * of the last piece belong to it; before that, undefined. Throws for a head of more than 16 KiB.
 */
export function headReader(): (piece: Buffer) => { head: string; usedBytes: number } | undefined {
  let before = "";
  return function read(piece) {
    const text = before + piece.toString("latin1");
    const end = text.indexOf("\r\n\r\n", Math.max(0, before.length - 3));
    if ((end < 0 ? text.length : end) > maxHeadBytes)
      throw new Error(`the server's handshake has a head of more than ${maxHeadBytes} bytes`);
    if (end >= 0) return { head: text.slice(0, end), usedBytes: end + 4 - before.length };
    before = text;
    return undefined;
  };
}

/**
 * Throws an error with one sentence unless the response accepts the handshake with this key (RFC 6455, section 4.1), and
 * with one of the requested subprotocols where it names one.
 */
export function checkUpgrade(head: string, key: string, subprotocol = ""): void {
  const [statusLine, ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine!)?.[1];
  if (status !== "101") throw new Error(`the server answered ${JSON.stringify(statusLine)} instead of 101`);
  const headers = parseHeaders(lines);
  const accept = createHash("sha1")
    .update(key + guid)
    .digest("base64");
  const tokens = (headers.get("connection") ?? "").toLowerCase().split(/[\t ]*,[\t ]*/);
  if ((headers.get("upgrade") ?? "").toLowerCase() !== "websocket")
    throw new Error("the server's handshake does not upgrade to websocket");
  if (!tokens.includes("upgrade")) throw new Error("the server's handshake does not upgrade the connection");
  if (headers.get("sec-websocket-accept") !== accept) throw new Error("the server's handshake does not accept the key");
  if (headers.has("sec-websocket-extensions"))
    throw new Error("the server's handshake has sec-websocket-extensions, which the client did not offer");
  const chosen = headers.get("sec-websocket-protocol");
  const requested = subprotocol.split(",").map((each) => each.trim());
  if (chosen !== undefined && (subprotocol === "" || !requested.includes(chosen)))
    throw new Error(`the server's handshake has sec-websocket-protocol ${chosen}, which the client did not offer`);
}

/**
 * Headers by name in lower case. Headers of the same name are joined by commas (RFC 9110, section 5.3). Throws for an
 * invalid line.
 */
function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~\w-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line);
    if (!field) throw new Error(`the server's handshake has the line ${JSON.stringify(line)}, which is not a header`);
    const name = field[1]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? field[2]! : `${before}, ${field[2]!}`);
  }
  return headers;
}
