import type { IncomingMessage, RequestListener } from "node:http";
import type { Page, Pages } from "../../../scenarios/contract.ts";
import type { HttpExchange } from "./exchange.ts";

/** Makes the page that a request asks for. Undefined where there is none of that path, or it is not GET or HEAD. */
function pageAt({ files }: Pages, method: string, path: string): (() => Page) | undefined {
  return (method === "GET" || method === "HEAD") && Object.hasOwn(files, path) ? files[path] : undefined;
}

/** Bytes of a request without a body, as browsers write it (RFC 9112, sections 3 and 5). */
function requestBytes({ method = "", url = "", httpVersion, rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/${httpVersion}\r\n`.length;
  return rawHeaders.reduce((sum, nameOrValue) => sum + nameOrValue.length + 2, line + 2);
}

/**
 * Answers requests for `pages`, and leaves all others to `onOther`. It counts the bytes of its own exchanges above TLS,
 * since the same connection may carry others.
 */
export function pagesFirst(pages: Pages, onOther: RequestListener): RequestListener {
  return (request, response) => {
    const { socket, method = "", url = "" } = request;
    const makePage = pageAt(pages, method, url);
    if (!makePage) return onOther(request, response);
    request.resume();
    pages.answered({ in: requestBytes(request), out: 0 }); // first, since the page may tell what was counted
    const writtenBefore = socket.bytesWritten;
    const { headers, body } = makePage();
    response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(method === "HEAD" ? undefined : body);
    pages.answered({ in: 0, out: socket.bytesWritten - writtenBefore });
  };
}

/** The same for HTTP/2. The bytes of a page are not known there, since one connection carries many exchanges at a time. */
export function pagesBefore(pages: Pages, handleOther: (exchange: HttpExchange) => void): typeof handleOther {
  return (exchange) => {
    const makePage = pageAt(pages, exchange.method, exchange.path);
    if (!makePage) return handleOther(exchange);
    const { headers, body } = makePage();
    exchange.respond(200, headers, exchange.method === "HEAD" ? undefined : body);
  };
}
