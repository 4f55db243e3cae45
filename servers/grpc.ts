import type { Socket } from "node:net";
import { Metadata, Server as GrpcServer, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { closeMs, listen, waitAtMost } from "./lib/hosting/listen.ts";
import { streamServer } from "./lib/hosting/tls.ts";
import { decodeTalkMessage, encodeTalkMessage, joinPath, maxTalkOverheadBytes } from "./protocols/grpc-message.ts";

type Call = ServerDuplexStream<ReturnType<typeof decodeTalkMessage>, Buffer>;

/** A client of the application: one call. */
interface CallSession {
  call: Call;
  socket: Socket | undefined;
  queuedBytes: number;
}

/**
 * gRPC with `@grpc/grpc-js`: one bidirectional call per client on a connection of its own, without compression.
 * servers/protocols/talk.proto defines the service. A message costs 9 bytes of HTTP/2, 5 of gRPC, and 2 to 4 of
 * Protocol Buffers. The heartbeat is HTTP/2's PING; a client that has not answered it by the next one is dropped.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const { counts, join, closeAll } = hostApplication<CallSession, Buffer>(
    app,
    {
      encode: encodeTalkMessage,
      push(session, bytes) {
        if (!session.call.writable) return false;
        session.queuedBytes += bytes.length;
        session.call.write(bytes, () => (session.queuedBytes -= bytes.length));
        return true;
      },
      queuedBytes: ({ queuedBytes }) => queuedBytes,
      close: ({ call }) => call.end(),
      drop: ({ socket }) => socket?.destroy(),
    },
    options,
  );

  function acceptCall(call: Call, connection: GrpcConnection | undefined): void {
    clearTimeout(connection?.handshakeTimer);
    call.sendMetadata(new Metadata());
    const { receive, leave } = join({ call, socket: connection?.socket, queuedBytes: 0 });
    call.on("data", ({ payload, text }) => {
      if (payload.length <= options.maxPayloadBytes) receive(payload, text);
      else connection?.socket.destroy();
    });
    call.on("error", leave); // the library ends the call with a status that names the error
    call.on("cancelled", leave);
    call.on("end", () => {
      call.end();
      leave();
    });
  }

  // A call knows the remote address of its connection, but not the local one. So each local address has a service of
  // its own.
  const services = new Map<string, AddressService>();
  const server = streamServer(options, { alpn: "h2" }, (socket) => {
    const address = socket.localAddress ?? "";
    const service = services.get(address) ?? openService(options, acceptCall);
    services.set(address, service);
    service.accept(socket);
  });
  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      for (const service of services.values()) service.drain();
      // Clients end their connections when they have read the status of their calls.
      await waitAtMost(closeMs, () => ![...services.values()].some((service) => service.hasConnections()));
      await listener.close();
      for (const service of services.values()) service.close();
    },
  };
}

/** A connection, and the timer that destroys it when it makes no call within `handshakeMs`. */
interface GrpcConnection {
  socket: Socket;
  handshakeTimer: NodeJS.Timeout;
}

/** The gRPC service for connections to one local address. */
interface AddressService {
  accept(socket: Socket): void;
  /** Asks clients to end their connections, and ends those that remain after `closeMs`. */
  drain(): void;
  hasConnections(): boolean;
  close(): void;
}

function openService(
  options: Options,
  onCall: (call: Call, connection: GrpcConnection | undefined) => void,
): AddressService {
  const grpc = new GrpcServer({
    "grpc.max_receive_message_length": options.maxPayloadBytes + maxTalkOverheadBytes,
    "grpc.keepalive_time_ms": options.heartbeatMs,
    "grpc.keepalive_timeout_ms": options.heartbeatMs,
    "grpc.max_connection_idle_ms": options.idleMs,
  });
  const connections = new Map<string, GrpcConnection>();
  grpc.addService(
    {
      join: {
        path: joinPath,
        requestStream: true,
        responseStream: true,
        requestSerialize: () => Buffer.alloc(0), // only used by clients
        requestDeserialize: decodeTalkMessage,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: decodeTalkMessage,
      },
    },
    { join: (call: Call) => onCall(call, connections.get(call.getPeer())) },
  );
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept(socket) {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      const handshakeTimer = setTimeout(() => socket.destroy(), options.handshakeMs);
      connections.set(peer, { socket, handshakeTimer });
      socket.on("close", () => {
        clearTimeout(handshakeTimer);
        connections.delete(peer);
      });
      injector.injectConnection(socket);
    },
    drain: () => injector.drain(closeMs),
    hasConnections: () => connections.size > 0,
    close: () => grpc.forceShutdown(),
  };
}
