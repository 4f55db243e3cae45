import { Server as SocketServer, type Socket } from "socket.io";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { host } from "./lib/host.ts";
import { httpServer, upgradeRequired } from "./lib/http.ts";
import { listen } from "./lib/listen.ts";

/**
 * Socket.IO with its official server, WebSocket transport only: each message is the event "chat" with one argument, a string for
 * text (one frame, JSON-escaped) or a Buffer for binary (two frames). Rooms are Socket.IO's own. The heartbeat is Engine.IO's.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const server = httpServer(options, options.idleMs, upgradeRequired);
  const io = new SocketServer(server, {
    transports: ["websocket"],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: frameBytes(options.maxPayloadBytes),
    pingInterval: options.heartbeatMs,
    pingTimeout: options.heartbeatMs,
    connectTimeout: options.handshakeMs,
  });
  let roomsOpened = 0;
  const { counts, join, closeAll } = host<Seated, string | Buffer>(
    app,
    {
      encode: (payload, text) => (text ? payload.toString() : payload),
      push: ({ socket }, message) => socket.connected && socket.emit("chat", message),
      queuedBytes: ({ queued }) => queued(),
      close: ({ socket }) => void socket.disconnect(true),
      drop: ({ socket }) => socket.request.socket.destroy(),
      openRoom() {
        const name = `room-${roomsOpened++}`;
        return {
          add: ({ socket }) => void socket.join(name),
          delete: ({ socket }) => void socket.leave(name),
          push: (message) => void io.to(name).emit("chat", message),
        };
      },
    },
    options,
  );

  io.on("connection", (socket) => {
    const guest = join({ socket, queued: queueOf(socket) });
    socket.on("chat", (message: unknown) => {
      if (typeof message === "string") guest.receive(Buffer.from(message), true);
      else if (Buffer.isBuffer(message)) guest.receive(message, false);
      else socket.disconnect(true);
    });
    socket.on("disconnect", guest.leave);
  });

  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      closeAll();
      await listener.close();
      await io.close();
    },
  };
}

interface Seated {
  socket: Socket;
  queued(): number;
}

/** What Engine.IO holds for this client, in bytes or characters: all packets since it had last written all it was given. */
function queueOf({ conn }: Socket): () => number {
  let waiting = 0;
  conn.on("packetCreate", ({ data }: { data?: string | Buffer }) => {
    const length = data?.length ?? 0;
    waiting = conn.transport.writable ? length : waiting + length;
  });
  return () => waiting;
}

/** Room for any payload as Socket.IO wraps it: JSON escapes at most sextuple a string. */
function frameBytes(payloadBytes: number): number {
  return 6 * payloadBytes + 64;
}
