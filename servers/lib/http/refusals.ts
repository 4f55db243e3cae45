import { reportRefusal } from "../hosting/refusal-log.ts";
import type { HttpExchange } from "./exchange.ts";

const plainText = { "content-type": "text/plain; charset=utf-8" };

/** Responds that a request is refused, with one sentence that says what to do. The response to HEAD has no body. */
export function refuse(exchange: HttpExchange, status: 403 | 404 | 405 | 409, sentence: string, headers = {}): void {
  reportRefusal(() => `${exchange.method} ${exchange.path} got ${status}. ${sentence}`);
  if (exchange.method === "HEAD") exchange.respond(status, headers);
  else exchange.respond(status, { ...headers, ...plainText }, `${sentence}\n`);
}

/** The origin of a page that this machine serves, or of a file. */
const localOrigin = /^null$|^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/** True if a page comes from another port of the host that it sends this request to. */
function isSameHost(origin: string, host = ""): boolean {
  const nameOf = (text: string): string => text.replace(/^https?:\/\//, "").replace(/:\d+$/, "");
  return nameOf(origin) === nameOf(host);
}

/**
 * Responds to a request with a method that its path does not accept. OPTIONS from a browser asks whether a page may send
 * another request (CORS preflight, Fetch standard, section 3.3.2): pages of this machine may, by whatever name.
 */
export function wrongMethod(exchange: HttpExchange, sentence: string, allow: string): void {
  const origin = exchange.method === "OPTIONS" ? exchange.header("origin") : undefined;
  if (origin === undefined) return refuse(exchange, 405, sentence, { allow });
  if (!localOrigin.test(origin) && !isSameHost(origin, exchange.header("host")))
    return refuse(exchange, 403, "Only pages of this machine (localhost) may send this request: open one.");
  exchange.respond(204, {
    "access-control-allow-methods": allow,
    "access-control-allow-headers": "content-type, last-event-id",
  });
}
