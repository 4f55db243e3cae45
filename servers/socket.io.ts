import type { IncomingMessage } from "node:http";
import { Server as SocketServer, type Socket } from "socket.io";
import type { App, Options, Server } from "../scenarios/contract.ts";
import {
  queuedPacketsOf,
  trackSessions,
  type EngineResponse,
  type QueuedPackets,
} from "./lib/socket-io/engine-io-sessions.ts";
import { hostApplication, type Carrier } from "./lib/hosting/host.ts";
import { httpServer, notFound, upgradeRequired } from "./lib/http/http-server.ts";
import { listen } from "./lib/hosting/listen.ts";
import { sharedOptions } from "./protocols/socket-io-options.ts";
import type { NativeRoom } from "./lib/hosting/tick-batching.ts";

/**
 * Socket.IO with its official server: each message is the event "chat" with one argument, a string for text (one packet, JSON-escaped)
 * or a Buffer for binary (two packets, base64 where they are polled). Rooms are Socket.IO's own. The heartbeat is Engine.IO's. Reads of
 * `own` what servers/protocols/socket-io-options.ts says, `recovery`: whether what clients miss is kept for them for two minutes, which adds an
 * offset to every message to them, and `serveClient`: whether browsers can load the client's script from here.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const shared = await sharedOptions(options);
  const polled = shared.transports.includes("polling");
  // Longer than a client may be silent, so that none sends into a connection that is just being closed.
  const keepAliveMs = polled ? 2 * options.heartbeatMs + options.idleMs : options.idleMs;
  const server = httpServer(options, keepAliveMs, polled ? notFound : upgradeRequired);
  const io = new SocketServer(server, {
    ...shared,
    ...(options.transportOptions["recovery"] === true && {
      connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    }),
    serveClient: options.transportOptions["serveClient"] === true,
    perMessageDeflate: false,
    maxHttpBufferSize: frameBytes(options.maxPayloadBytes),
    pingInterval: options.heartbeatMs,
    pingTimeout: options.heartbeatMs,
    connectTimeout: options.handshakeMs,
  });
  // Only a browser names the page's origin, and it lets the page read no answer without this (Fetch standard, section 3.3).
  io.engine.on("headers", (headers: Record<string, string>, { headers: asked }: IncomingMessage) => {
    if (asked.origin !== undefined) headers["access-control-allow-origin"] = "*";
  });
  let roomsOpened = 0;
  function openRoom(): NativeRoom<Seated, Message> {
    const name = `room-${roomsOpened++}`;
    return {
      add: ({ socket }) => void socket.join(name),
      delete: ({ socket }) => void socket.leave(name),
      push: (message) => void io.to(name).emit("chat", message),
    };
  }
  const pushed: Carrier<Seated, Message> = {
    encode: (payload, text) => (text ? payload.toString() : payload),
    push: ({ socket }, message) => socket.connected && socket.emit("chat", message),
    queuedBytes: ({ queued }) => queued(),
    close: ({ socket }) => void socket.disconnect(true),
    drop: ({ socket }) => socket.request.socket.destroy(),
    openRoom,
  };
  const asked: Carrier<Seated, Message> = {
    ...pushed,
    push({ socket }, message) {
      if (!socket.connected) return false;
      backlogs.get(socket.conn["id"])?.expect(Buffer.byteLength(message));
      return socket.emit("chat", message);
    },
    drop({ socket }) {
      sessions.destroy(socket.conn["id"]);
      socket.conn.close(true);
    },
    openRoom() {
      const room = openRoom();
      const members = new Set<Seated>();
      return {
        add(seated) {
          members.add(seated);
          room.add(seated);
        },
        delete(seated) {
          members.delete(seated);
          room.delete(seated);
        },
        push(message) {
          const bytes = Buffer.byteLength(message);
          for (const { socket } of members) backlogs.get(socket.conn["id"])?.expect(bytes);
          room.push(message);
        },
      };
    },
    countsOut: true,
  };
  const { counts, join, closeAll } = hostApplication(app, polled ? asked : pushed, options);

  /** What waits for clients who may have to ask, by their session's id. */
  const backlogs = new Map<string, QueuedPackets>();
  function member(socket: Socket): Seated {
    if (!polled) return { socket, queued: queueOf(socket) };
    const backlog = queuedPacketsOf(socket, counts);
    backlogs.set(socket.conn["id"], backlog);
    return { socket, queued: backlog.queued };
  }

  io.on("connection", (socket) => {
    const connection = join(member(socket));
    socket.on("chat", (message: unknown) => {
      const text = typeof message === "string";
      const payload = text ? Buffer.from(message) : message;
      if (Buffer.isBuffer(payload) && payload.length <= options.maxPayloadBytes) connection.receive(payload, text);
      else socket.disconnect(true);
    });
    socket.on("disconnect", () => {
      backlogs.delete(socket.conn["id"]);
      connection.leave();
    });
  });

  function answered({ id, status, asks: polls, socket }: EngineResponse): void {
    const bytes = listener.bytesSince(socket);
    if (id === undefined) return;
    if (polls && status === 200) {
      counts.pollsAnswered++;
      if (backlogs.get(id)?.brought() === false) counts.emptyPollBytes += bytes;
    }
    if (status === 413) io.engine["clients"][id]?.close(true); // Engine.IO answers a request too large and waits for the next
  }

  const sessions = trackSessions(server, (socket, role) => listener.assign(socket, role), answered);
  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      await listener.close();
      await io.close();
    },
  };
}

type Message = string | Buffer;

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
