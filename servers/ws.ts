import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { host } from "./lib/host.ts";
import { httpServer, upgradeRequired } from "./lib/http.ts";
import { listen } from "./lib/listen.ts";

/**
 * Raw WebSocket (RFC 6455) with `ws` on an HTTP server's upgrade, path `/`: one frame per message, text or binary. The heartbeat is an empty
 * ping; who has not answered by the next is dropped. Reads of `own` `deflate`: whether permessage-deflate (RFC 7692) is accepted, with the
 * defaults of `ws`: both sides keep their context from one message to the next, therefore every message is compressed, however short.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const deflate = options.own["deflate"] === true;
  const server = httpServer(options, options.idleMs, upgradeRequired);
  // How long a goodbye may go unanswered: 30 s unless told otherwise, which its types do not know yet.
  const patience: Record<string, unknown> = { closeTimeout: options.handshakeMs };
  const sockets = new WebSocketServer({
    noServer: true,
    path: "/",
    perMessageDeflate: deflate,
    maxPayload: options.maxPayloadBytes,
    ...patience,
  });
  const { counts, join, closeAll } = host<WebSocket, { payload: Buffer; binary: boolean }>(
    app,
    {
      encode: (payload, text) => ({ payload, binary: !text }),
      push: deflate ? pushDeflated : (socket, { payload, binary }) => socket.send(payload, { binary }),
      queuedBytes: (socket) => socket.bufferedAmount,
      close: (socket) => socket.close(1000),
      drop: (socket) => socket.terminate(),
      ...(deflate && { countsOut: true }),
    },
    options,
  );

  /** Compression takes its time in other threads: a payload is counted when its frame is handed over. */
  function pushDeflated(socket: WebSocket, { payload, binary }: { payload: Buffer; binary: boolean }): void {
    socket.send(payload, { binary }, (error) => {
      if (error) return;
      counts.payloadsOut++;
      counts.payloadBytesOut += payload.length;
    });
  }

  const silent = new Set<WebSocket>();
  sockets.on("connection", (socket) => {
    const guest = join(socket);
    socket.on("message", (data: RawData, isBinary) => guest.receive(data as Buffer, !isBinary));
    socket.on("pong", () => silent.delete(socket));
    socket.on("error", () => undefined); // `ws` has sent the right close code and ends the socket itself
    socket.on("close", () => {
      silent.delete(socket);
      guest.leave();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  });

  const listener = await listen(server, options);
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate();
      else {
        silent.add(socket);
        socket.ping();
      }
    }
  }, options.heartbeatMs);

  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await listener.close();
    },
  };
}
