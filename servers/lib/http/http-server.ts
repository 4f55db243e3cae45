import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Options } from "../../../scenarios/contract.ts";
import { handshakeLimits } from "../hosting/tls.ts";

/**
 * An HTTP/1.1 server, over TLS where the options say so, whose time-outs are chosen: a request must be complete within `handshakeMs` (Node's default is 300 s), checked
 * four times as often, and a connection without requests is kept for `keepAliveMs` (Node's default is 5 s). A response may take for ever.
 */
export function httpServer(options: Options, keepAliveMs: number, answer: RequestListener): Server {
  const settings = {
    headersTimeout: options.handshakeMs,
    requestTimeout: options.handshakeMs,
    connectionsCheckingInterval: Math.ceil(options.handshakeMs / 4),
    keepAliveTimeout: keepAliveMs,
  };
  if (!options.tls) return createServer(settings, answer);
  // Half-open, as connections without TLS are by default.
  return createTlsServer({ ...settings, ...handshakeLimits(options), allowHalfOpen: true }, answer);
}

/** Answers every plain request with 426: this port speaks WebSocket only (RFC 9110, section 15.5.22). */
export const upgradeRequired: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(426, { connection: "close, upgrade", upgrade: "websocket", "content-type": "text/plain" });
  response.end("This server speaks WebSocket: send an Upgrade request.\n");
};

/** Answers every plain request with 404: what is served here is elsewhere. */
export const notFound: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(404, { connection: "close" }).end();
};
