import type { Socket } from "node:net";
import type { App, Options, Server } from "../../../scenarios/contract.ts";
import type { Framing } from "../../protocols/framing.ts";
import { hostApplication } from "../hosting/host.ts";
import { listen } from "../hosting/listen.ts";
import { streamServer } from "../hosting/tls.ts";

/** Hosts `app` directly on TCP or TLS, with this framing. The heartbeat is the kernel's keep-alive probes. */
export async function serveFramedStream(app: App, options: Options, { frame, reader }: Framing): Promise<Server> {
  const { counts, join, flush, closeAll } = hostApplication<Socket, Buffer>(
    app,
    {
      encode: frame,
      concat: (frames) => Buffer.concat(frames),
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

  function onEnd(this: Socket): void {
    flush();
    this.end();
  }

  // Half-open, so that messages sent before the client's FIN was read can still be written.
  const server = streamServer(options, { allowHalfOpen: true }, (socket) => {
    socket.setKeepAlive(true, options.heartbeatMs);
    const connection = join(socket);
    socket.on(
      "data",
      reader(options.maxPayloadBytes, connection.receive, () => socket.destroy()),
    );
    socket.on("end", onEnd);
    socket.on("error", ignore); // Node destroys the socket
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

function ignore(): void {}
