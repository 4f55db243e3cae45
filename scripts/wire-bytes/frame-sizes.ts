import type { ByteContext } from "./formula.ts";

/** Header bytes of a WebSocket frame (RFC 6455, section 5.2). The mask of a client's frame takes 4 of them. */
export function webSocketHeaderBytes(payloadBytes: number, masked: boolean): number {
  const lengthBytes = payloadBytes <= 125 ? 0 : payloadBytes <= 65_535 ? 2 : 8;
  return 2 + lengthBytes + (masked ? 4 : 0);
}

/** Bytes of a WebSocket frame, header and payload. */
export function webSocketFrameBytes(payloadBytes: number, masked: boolean): number {
  return webSocketHeaderBytes(payloadBytes, masked) + payloadBytes;
}

/**
 * Bytes of a text as a JSON string in UTF-8, quotes included. Only what must be escaped is escaped (RFC 8259, section
 * 7).
 */
export function jsonTextBytes(text: string): number {
  let bytes = 2;
  for (const character of text) {
    if ('"\\\b\f\n\r\t'.includes(character)) bytes += 2;
    else if (character < " ") bytes += "\\u0000".length;
    else bytes += Buffer.byteLength(character);
  }
  return bytes;
}

/**
 * Bytes of the head of an HTTP/1.1 message: every line, and the empty line after them, ends with CRLF (RFC 9112,
 * section 2.1).
 */
export function headBytes(lines: readonly string[]): number {
  return [...lines, ""].reduce((bytes, line) => bytes + Buffer.byteLength(line) + "\r\n".length, 0);
}

/**
 * Opening handshake as the `ws` library writes it, without an offer of compression: 154 bytes in and 129 out at
 * 127.0.0.1 and a port of 5 digits.
 */
export function upgradeCost(target: string, { address: { host, port } }: ByteContext) {
  const request = [
    `GET ${target} HTTP/1.1`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${"k".repeat(24)}`, // 16 bytes in base64 (RFC 6455, section 4.1)
    "Connection: Upgrade",
    "Upgrade: websocket",
    `Host: ${host}:${port}`,
  ];
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${"a".repeat(28)}`, // a SHA-1 in base64 (section 4.2.2)
  ];
  return { duplex: { in: headBytes(request), out: headBytes(response) } };
}
