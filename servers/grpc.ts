import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Metadata, Server as GrpcServer, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { streamServer } from "./lib/hosting/tls.ts";
import { decodeTalkMessage, encodeTalkMessage, joinPath, maxTalkOverheadBytes } from "./protocols/grpc-message.ts";

type Call = ServerDuplexStream<ReturnType<typeof decodeTalkMessage>, Buffer>;

/** A client's call. */
interface Caller {
  call: Call;
  socket: Socket | undefined;
  waitingBytes: number;
}

/**
 * gRPC with `@grpc/grpc-js`: one bidirectional call per client on a connection of its own, as servers/protocols/grpc-message.ts says, without compression. A
 * message costs 9 bytes of HTTP/2 and 5 of gRPC, and 2 to 4 of Protocol Buffers. The heartbeat is HTTP/2's PING; who has not answered
 * by the next is dropped.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const { counts, join, closeAll } = hostApplication<Caller, Buffer>(
    app,
    {
      encode: encodeTalkMessage,
      push(caller, bytes) {
        if (!caller.call.writable) return false;
        caller.waitingBytes += bytes.length;
        caller.call.write(bytes, () => (caller.waitingBytes -= bytes.length));
        return true;
      },
      queuedBytes: ({ waitingBytes }) => waitingBytes,
      close: ({ call }) => call.end(),
      drop: ({ socket }) => socket?.destroy(),
    },
    options,
  );

  function answer(call: Call, connection: Connection | undefined): void {
    clearTimeout(connection?.patience);
    call.sendMetadata(new Metadata());
    const guest = join({ call, socket: connection?.socket, waitingBytes: 0 });
    call.on("data", ({ payload, text }) => {
      if (payload.length <= options.maxPayloadBytes) guest.receive(payload, text);
      else connection?.socket.destroy();
    });
    call.on("error", guest.leave); // the call is ended with a status that says what was wrong
    call.on("cancelled", guest.leave);
    call.on("end", () => {
      call.end();
      guest.leave();
    });
  }

  // A call knows where its connection comes from and not where it has come to, which is not enough where several addresses are listened on.
  const listeners = new Map<string, Door>();
  const server = streamServer(options, { alpn: "h2" }, (socket) => {
    const at = socket.localAddress ?? "";
    const perAddress = listeners.get(at) ?? openDoor(options, answer);
    listeners.set(at, perAddress);
    perAddress.take(socket);
  });
  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      for (const door of listeners.values()) door.drain();
      const enough = performance.now() + 500;
      // Clients end their connections when they have read how their calls have ended.
      while ([...listeners.values()].some((each) => each.isOpen()) && performance.now() < enough) await delay(5);
      await listener.close();
      for (const door of listeners.values()) door.close();
    },
  };
}

/** A connection, and the time it has left to make a call. */
interface Connection {
  socket: Socket;
  patience: NodeJS.Timeout;
}

/** The service for the connections to one address. */
interface Door {
  take(socket: Socket): void;
  drain(): void;
  /** Whether any connection is left. */
  isOpen(): boolean;
  close(): void;
}

function openDoor(options: Options, answer: (call: Call, connection: Connection | undefined) => void): Door {
  const grpc = new GrpcServer({
    "grpc.max_receive_message_length": options.maxPayloadBytes + maxTalkOverheadBytes,
    "grpc.keepalive_time_ms": options.heartbeatMs,
    "grpc.keepalive_timeout_ms": options.heartbeatMs,
    "grpc.max_connection_idle_ms": options.idleMs,
  });
  const connections = new Map<string, Connection>();
  grpc.addService(
    {
      join: {
        path: joinPath,
        requestStream: true,
        responseStream: true,
        requestSerialize: () => Buffer.alloc(0), // only a client would
        requestDeserialize: decodeTalkMessage,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: decodeTalkMessage,
      },
    },
    { join: (call: Call) => answer(call, connections.get(call.getPeer())) },
  );
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    take(socket) {
      const from = `${socket.remoteAddress}:${socket.remotePort}`;
      const patience = setTimeout(() => socket.destroy(), options.handshakeMs);
      connections.set(from, { socket, patience });
      socket.on("close", () => {
        clearTimeout(patience);
        connections.delete(from);
      });
      injector.injectConnection(socket);
    },
    drain: () => injector.drain(500),
    isOpen: () => connections.size > 0,
    close: () => grpc.forceShutdown(),
  };
}
