import { createServer, type Socket } from "node:net";
import type { App, Options, Server } from "../../scenarios/contract.ts";
import type { Framing } from "./framing.ts";
import { host } from "./host.ts";
import { listen } from "./listen.ts";

/** Hosts `app` on TCP itself, in the framing that is given; the kernel's keep-alive probes are the heartbeat. */
export async function serveStream(app: App, options: Options, { frame, reader }: Framing): Promise<Server> {
  const server = createServer();
  const { counts, join, closeAll } = host<Socket, Buffer>(
    app,
    {
      encode: frame,
      push: (socket, bytes) => void socket.write(bytes),
      queuedBytes: (socket) => socket.writableLength,
      close: (socket) => socket.end(),
      drop: (socket) => socket.destroy(),
    },
    options,
  );

  server.on("connection", (socket) => {
    socket.setKeepAlive(true, options.heartbeatMs);
    const guest = join(socket);
    socket.on(
      "data",
      reader(options.maxPayloadBytes, guest.receive, () => socket.destroy()),
    );
    socket.on("error", () => socket.destroy());
    socket.on("close", guest.leave);
  });

  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      closeAll();
      await listener.close();
    },
  };
}
