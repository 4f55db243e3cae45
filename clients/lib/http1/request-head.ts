import type { Address, Options } from "../../../scenarios/contract.ts";
import { hostHeader } from "../net/tls-options.ts";

const extraHeader = "x-browser";

/**
 * One header of `bytes` bytes in place of those that a browser adds (user agent, accept, origin, cookies). Empty for 0.
 */
export function extraHeaders(bytes: number): Record<string, string> {
  return bytes === 0 ? {} : { [extraHeader]: "x".repeat(Math.max(0, bytes - extraHeader.length - ": \r\n".length)) };
}

/** True if each request has a connection of its own, as in HTTP/1.0. The transport option is `closes`. */
export function connectionPerRequest({ transportOptions }: Options): boolean {
  return transportOptions["closes"] === true;
}

/** The head of a request, byte for byte as undici writes it. */
export function requestHead(
  requestLine: string,
  address: Address,
  options: Options,
  headers: Record<string, string | number> = {},
): Buffer {
  const all = {
    host: hostHeader(address),
    connection: connectionPerRequest(options) ? "close" : "keep-alive",
    ...extraHeaders(options.extraHeaderBytes),
    ...address.headers,
    ...headers,
  };
  const lines = Object.entries(all).map(([header, value]) => `${header}: ${value}\r\n`);
  return Buffer.from(`${requestLine} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}
