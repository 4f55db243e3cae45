import type { Address, Options } from "../../../scenarios/contract.ts";

const name = "x-browser";

/** Headers of just so many bytes, to stand for what a browser adds (user agent, accept, origin, cookies); none for 0. */
export function extraHeaders(bytes: number): Record<string, string> {
  return bytes === 0 ? {} : { [name]: "x".repeat(Math.max(0, bytes - name.length - ": \r\n".length)) };
}

/** Whether each request has a connection of its own, as in HTTP/1.0: the own option `closes` of polls. */
export function closesEachConnection({ transportOptions }: Options): boolean {
  return transportOptions["closes"] === true;
}

/** The head of a request, byte for byte as undici writes it. */
export function requestHead(
  requestLine: string,
  { host, port }: Address,
  options: Options,
  headers: Record<string, string | number> = {},
): Buffer {
  const all = {
    host: new URL(`http://${host}:${port}`).host, // without the port where it is 80
    connection: closesEachConnection(options) ? "close" : "keep-alive",
    ...extraHeaders(options.extraHeaderBytes),
    ...headers,
  };
  const lines = Object.entries(all).map(([header, value]) => `${header}: ${value}\r\n`);
  return Buffer.from(`${requestLine} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}
