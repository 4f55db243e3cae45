import type { Socket } from "node:net";
import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { hostApplication } from "../../../servers/lib/hosting/host.ts";
import { listen } from "../../../servers/lib/hosting/listen.ts";
import { streamServer } from "../../../servers/lib/hosting/tls.ts";
import { lineFraming } from "../../../servers/protocols/lines.ts";

/** Raw TCP, one line per message. Name here the specification of the protocol, and the bytes that a message costs. */
export default async function serve(app: App, options: Options): Promise<Server> {
  // How a message reaches a client. `hostApplication` does what is the same in every transport: rooms, counters,
  // closing connections, and dropping slow clients.
  const { counts, join, flush, closeAll } = hostApplication<Socket, Buffer>(
    app,
    {
      encode: lineFraming.frame, // called once per message, for all its receivers
      concat: (frames) => Buffer.concat(frames), // messages of one event-loop tick leave in one write
      push(socket, bytes) {
        if (!socket.writable) return false;
        socket.write(bytes);
        return true;
      },
      queuedBytes: (socket) => socket.writableLength,
      close: (socket) => socket.end(),
      drop: (socket) => socket.destroy(),
    },
    options,
  );

  // TCP, or TLS with "+tls". Half-open: a client that has ended its side still receives what was sent before.
  const server = streamServer(options, { allowHalfOpen: true }, (socket) => {
    // If the protocol has a handshake, wait for its end here, at most `options.handshakeMs`. Then `join` the client.
    const connection = join(socket);
    socket.setKeepAlive(true, options.heartbeatMs);
    socket.on(
      "data",
      lineFraming.reader(options.maxPayloadBytes, connection.receive, () => socket.destroy()),
    );
    socket.on("end", () => {
      flush();
      socket.end();
    });
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", connection.leave);
  });

  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      await listener.close();
    },
  };
}
