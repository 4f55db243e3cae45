import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { httpServer, upgradeRequired } from "./lib/http/http-server.ts";
import { AcceptedSocket, compressedCarrier, frameCarrier } from "./lib/websocket/carriers.ts";

/**
 * Raw WebSocket (RFC 6455) with `ws`, on the upgrade of an HTTP server: one frame per message, text or binary. The
 * heartbeat is an empty ping; a client that has not answered it by the next one is dropped.
 *
 * It reads two of `transportOptions`. `path` is "/" by default. `deflate` accepts permessage-deflate (RFC 7692) with
 * the defaults of `ws`: both sides keep their compression context between messages, so every message is compressed,
 * however short.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const deflate = options.transportOptions["deflate"] === true;
  const server = httpServer(options, options.idleMs, upgradeRequired);
  // Milliseconds to wait for the client's close frame, 30 s by default. The types of `ws` do not have this option yet.
  const closeTimeout: Record<string, unknown> = { closeTimeout: options.handshakeMs };
  const webSockets = new WebSocketServer({
    noServer: true,
    path: String(options.transportOptions["path"] ?? "/"),
    perMessageDeflate: deflate,
    maxPayload: options.maxPayloadBytes,
    WebSocket: AcceptedSocket,
    ...closeTimeout,
  });
  const { counts, join, flush, closeAll } = deflate
    ? hostApplication(app, compressedCarrier(countOut), options)
    : hostApplication(app, frameCarrier, options);

  function countOut(payloadBytes: number): void {
    counts.payloadsOut++;
    counts.payloadBytesOut += payloadBytes;
  }

  /** Sockets that have not answered the last ping. */
  const unanswered = new Set<WebSocket>();
  function accept(socket: AcceptedSocket, stream: Duplex): void {
    socket.stream = stream;
    socket.beforeClose = flush;
    const connection = join(socket);
    socket.on("message", (data: RawData, isBinary) => connection.receive(data as Buffer, !isBinary));
    socket.on("pong", () => unanswered.delete(socket));
    socket.on("error", () => undefined); // `ws` has sent the right close code and ends the socket
    socket.on("close", () => {
      unanswered.delete(socket);
      connection.leave();
    });
  }
  server.on("upgrade", (request, stream, head) => {
    webSockets.handleUpgrade(request, stream, head, (socket) => accept(socket, stream));
  });

  const listener = await listen(server, options);
  const heartbeat = setInterval(() => {
    for (const socket of webSockets.clients) {
      if (unanswered.has(socket)) socket.terminate();
      else {
        unanswered.add(socket);
        socket.ping();
      }
    }
  }, options.heartbeatMs);

  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await listener.close();
    },
  };
}
