import type { IncomingMessage } from "node:http";
import { Server as SocketServer, type Socket } from "socket.io";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { httpServer, notFound, upgradeRequired } from "./lib/http/http-server.ts";
import { guestCarrier, pollingCarrier, webSocketCarrier, type SocketIoClient } from "./lib/socket-io/carriers.ts";
import { trackEngineSessions, type EngineResponse } from "./lib/socket-io/engine-io-sessions.ts";
import { Guests, recoveryMs, type Guest } from "./lib/socket-io/guests.ts";
import { queuedBytesOf, trackQueuedPackets, type QueuedPackets } from "./lib/socket-io/queued-packets.ts";
import { sharedOptions } from "./protocols/socket-io-options.ts";

/**
 * Socket.IO with its official server. Each message is the event "chat" with one argument: a string for text (one
 * packet, JSON-escaped) or a Buffer for binary (two packets, in base64 over polling). Rooms are Socket.IO's own. The
 * heartbeat is Engine.IO's.
 *
 * Besides those of `sharedOptions`, it reads two of `transportOptions`. `recovery` keeps messages for disconnected
 * clients for six times `idleMs`, by default two minutes, which adds an offset to every delivery. So long a client is the same to the application. `serveClient` serves the client's script to
 * browsers. Both are off by default.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const shared = await sharedOptions(options);
  const allowsPolling = shared.transports.includes("polling");
  // Longer than a client may be silent. So a client never sends on a connection that the server is closing.
  const keepAliveMs = allowsPolling ? 2 * options.heartbeatMs + options.idleMs : options.idleMs;
  const server = httpServer(options, keepAliveMs, allowsPolling ? notFound : upgradeRequired);
  const recovers = options.transportOptions["recovery"] === true;
  const io = new SocketServer(server, {
    ...shared,
    ...(recovers && {
      connectionStateRecovery: { maxDisconnectionDuration: recoveryMs(options), skipMiddlewares: false },
    }),
    serveClient: options.transportOptions["serveClient"] === true,
    perMessageDeflate: false,
    maxHttpBufferSize: maxPacketBytes(options.maxPayloadBytes),
    pingInterval: options.heartbeatMs,
    pingTimeout: options.heartbeatMs,
    connectTimeout: options.handshakeMs,
  });
  // Only a browser sends `origin`, and without this header it does not let the page read the response (Fetch standard,
  // section 3.3).
  io.engine.on("headers", (headers: Record<string, string>, request: IncomingMessage) => {
    if (request.headers.origin !== undefined) headers["access-control-allow-origin"] = "*";
  });
  const carrier = allowsPolling ? pollingCarrier(io, (id) => sessions.destroy(id)) : webSocketCarrier(io);
  const guests = recovers ? new Guests(io, options) : undefined;
  const { counts, join, closeAll } = hostApplication(app, guests ? guestCarrier(carrier, guests) : carrier, options);

  /** The packet queues of clients that may poll, by session id. */
  const queues = new Map<string, QueuedPackets>();
  function clientOf(socket: Socket): SocketIoClient {
    if (!allowsPolling) return { socket, queuedBytes: queuedBytesOf(socket), packets: undefined };
    const packets = trackQueuedPackets(socket, counts);
    queues.set(socket.conn["id"], packets);
    return { socket, queuedBytes: packets.queuedBytes, packets };
  }

  function guestOf(socket: Socket): Guest {
    const client = clientOf(socket);
    const known = guests?.resume(client);
    if (known) return known;
    const guest = { client, connection: join(client) };
    guests?.add(guest);
    return guest;
  }

  io.on("connection", (socket) => {
    const guest = guestOf(socket);
    const { client, connection } = guest;
    socket.on("chat", (message: unknown) => {
      const text = typeof message === "string";
      const payload = text ? Buffer.from(message) : message;
      if (Buffer.isBuffer(payload) && payload.length <= options.maxPayloadBytes) connection.receive(payload, text);
      else socket.disconnect(true);
    });
    socket.on("disconnect", (reason) => {
      queues.delete(socket.conn["id"]);
      if (client.socket !== socket) return; // the guest has another one by now
      if (guests) guests.disconnected(guest, reason);
      else connection.leave();
    });
  });

  function onResponse({ id, status, isPoll, socket }: EngineResponse): void {
    const bytes = listener.settle(socket);
    if (id === undefined) return;
    if (isPoll && status === 200) {
      counts.pollsAnswered++;
      if (queues.get(id)?.deliveredSinceLastCall() === false) counts.emptyPollBytes += bytes;
    }
    // After a request that is too large, Engine.IO responds 413 and keeps the session.
    if (status === 413) io.engine["clients"][id]?.close(true);
  }

  const sessions = trackEngineSessions(server, (socket, role) => listener.assign(socket, role), onResponse);
  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      guests?.close();
      closeAll();
      await listener.close();
      await io.close();
    },
  };
}

/** Largest packet for a payload: JSON escapes make a string at most six times as long. */
function maxPacketBytes(payloadBytes: number): number {
  return 6 * payloadBytes + 64;
}
