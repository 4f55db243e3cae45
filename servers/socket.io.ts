import { Server as SocketServer, type Socket } from "socket.io";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { backlogOf, watchSessions, type Backlog } from "./lib/engine-io.ts";
import { host } from "./lib/host.ts";
import { httpServer, notFound, upgradeRequired } from "./lib/http.ts";
import { listen } from "./lib/listen.ts";
import { sharedOptions } from "./lib/socket-io.ts";

/**
 * Socket.IO with its official server: each message is the event "chat" with one argument, a string for text (one packet, JSON-escaped)
 * or a Buffer for binary (two packets, base64 where they are polled). Rooms are Socket.IO's own. The heartbeat is Engine.IO's. Reads of
 * `own` what servers/lib/socket-io.ts says and `recovery`: whether what clients miss is kept for them for two minutes, which adds an
 * offset to every message to them.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const shared = await sharedOptions(options);
  const polled = shared.transports.includes("polling");
  // Longer than a client may be silent, so that none sends into a connection that is just being closed.
  const keepAliveMs = polled ? 2 * options.heartbeatMs + options.idleMs : options.idleMs;
  const server = httpServer(options, keepAliveMs, polled ? notFound : upgradeRequired);
  const io = new SocketServer(server, {
    ...shared,
    ...(options.own["recovery"] === true && { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } }),
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
      push({ socket, backlog }, message) {
        if (polled) backlog.expect(Buffer.byteLength(message));
        socket.emit("chat", message);
      },
      queuedBytes: ({ backlog }) => backlog.queued(),
      close: ({ socket }) => void socket.disconnect(true),
      drop({ socket }) {
        if (polled) sessions.destroy(socket.conn["id"]);
        else socket.request.socket.destroy();
        socket.conn.close(true);
      },
      openRoom() {
        const name = `room-${roomsOpened++}`;
        const members = new Set<Seated>();
        return {
          add(seated) {
            members.add(seated);
            void seated.socket.join(name);
          },
          delete(seated) {
            members.delete(seated);
            void seated.socket.leave(name);
          },
          push(message) {
            const bytes = Buffer.byteLength(message);
            if (polled) for (const { backlog } of members) backlog.expect(bytes);
            io.to(name).emit("chat", message);
          },
        };
      },
      ...(polled && { countsOut: true }),
    },
    options,
  );

  io.on("connection", (socket) => {
    const guest = join({ socket, backlog: backlogOf(socket, () => counts) });
    socket.on("chat", (message: unknown) => {
      const text = typeof message === "string";
      const payload = text ? Buffer.from(message) : message;
      if (Buffer.isBuffer(payload) && payload.length <= options.maxPayloadBytes) guest.receive(payload, text);
      else socket.disconnect(true);
    });
    socket.on("disconnect", guest.leave);
  });

  const sessions = watchSessions(
    server,
    (socket, role) => listener.assign(socket, role),
    (id, status, asked) => {
      if (asked && status === 200) counts.exchanges++;
      if (status === 413) io.engine["clients"][id]?.close(true); // Engine.IO answers a request too large and waits for the next
    },
  );
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
  backlog: Backlog;
}

/** Room for any payload as Socket.IO wraps it: JSON escapes at most sextuple a string. */
function frameBytes(payloadBytes: number): number {
  return 6 * payloadBytes + 64;
}
