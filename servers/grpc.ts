import { createServer, type Socket } from "node:net";
import { Metadata, Server as GrpcServer, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { host } from "./lib/host.ts";
import { listen } from "./lib/listen.ts";
import { decodeTalk, encodeTalk, joinPath, mostTalkBytes } from "./lib/talk.ts";

type Call = ServerDuplexStream<ReturnType<typeof decodeTalk>, Buffer>;

/** A client's call. */
interface Caller {
  call: Call;
  socket: Socket | undefined;
  waitingBytes: number;
}

/**
 * gRPC with `@grpc/grpc-js`: one bidirectional call per client on a connection of its own, as servers/lib/talk.ts says, without compression. A
 * message costs 9 bytes of HTTP/2 and 5 of gRPC, and 2 to 4 of Protocol Buffers. The heartbeat is HTTP/2's PING; who has not answered
 * by the next is dropped.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const grpc = new GrpcServer({
    "grpc.max_receive_message_length": options.maxPayloadBytes + mostTalkBytes,
    "grpc.keepalive_time_ms": options.heartbeatMs,
    "grpc.keepalive_timeout_ms": options.heartbeatMs,
    "grpc.max_connection_idle_ms": options.idleMs,
  });
  const { counts, join, closeAll } = host<Caller, Buffer>(
    app,
    {
      encode: encodeTalk,
      push(caller, bytes) {
        caller.waitingBytes += bytes.length;
        caller.call.write(bytes, () => (caller.waitingBytes -= bytes.length));
      },
      queuedBytes: ({ waitingBytes }) => waitingBytes,
      close: ({ call }) => call.end(),
      drop: ({ socket }) => socket?.destroy(),
    },
    options,
  );

  /** Connections by where they come from, each with the time it has left to make a call. */
  const sockets = new Map<string, { socket: Socket; patience: NodeJS.Timeout }>();

  function answer(call: Call): void {
    const connection = sockets.get(call.getPeer());
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

  grpc.addService(
    {
      join: {
        path: joinPath,
        requestStream: true,
        responseStream: true,
        requestSerialize: () => Buffer.alloc(0), // only a client would
        requestDeserialize: decodeTalk,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: decodeTalk,
      },
    },
    { join: answer },
  );
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const server = createServer((socket) => {
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(from, { socket, patience: setTimeout(() => socket.destroy(), options.handshakeMs) });
    socket.on("close", () => {
      clearTimeout(sockets.get(from)?.patience);
      sockets.delete(from);
    });
    injector.injectConnection(socket);
  });

  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      closeAll();
      injector.drain(500);
      await listener.close();
      grpc.forceShutdown();
    },
  };
}
