import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Options } from "../../../scenarios/contract.ts";
import { handshakeLimits } from "../hosting/tls.ts";
import { pagesFirst } from "./pages.ts";

/**
 * An HTTP/1.1 server, over TLS where `options.tls` is set. A request must be complete within `handshakeMs` (Node's
 * default is 300 s), which is checked four times in that period. A connection without requests is kept for
 * `keepAliveMs` (Node's default is 5 s). A response has no time limit. `options.pages` are answered here, and
 * everything else by `onOther`.
 */
export function httpServer(options: Options, keepAliveMs: number, onOther: RequestListener): Server {
  const onRequest = options.pages ? pagesFirst(options.pages, onOther) : onOther;
  const settings = {
    headersTimeout: options.handshakeMs,
    requestTimeout: options.handshakeMs,
    connectionsCheckingInterval: Math.ceil(options.handshakeMs / 4),
    keepAliveTimeout: keepAliveMs,
  };
  if (!options.tls) return createServer(settings, onRequest);
  // Half-open, as connections without TLS are by default.
  return createTlsServer({ ...settings, ...handshakeLimits(options), allowHalfOpen: true }, onRequest);
}

/** Responds 426 to every plain request, because this port accepts only WebSocket (RFC 9110, section 15.5.22). */
export const upgradeRequired: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(426, { connection: "close, upgrade", upgrade: "websocket", "content-type": "text/plain" });
  response.end("This server speaks WebSocket: send an Upgrade request.\n");
};

/** Responds 404 to every plain request. For servers whose library handles its own paths. */
export const notFound: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(404, { connection: "close", "content-type": "text/plain" });
  response.end("There is nothing here: connect with a client of this transport.\n");
};
