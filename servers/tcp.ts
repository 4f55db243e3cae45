import { createServer, type Socket } from "node:net";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { host } from "./lib/host.ts";
import { listen } from "./lib/listen.ts";
import { record, recordReader } from "./lib/records.ts";

/** Raw TCP: each message is a record of 4 + payload bytes; the kernel's keep-alive probes are the heartbeat. */
export default async function serve(app: App, options: Options): Promise<Server> {
  // Half-open, so that what a client was sent before its goodbye can still be written when that is read.
  const server = createServer({ allowHalfOpen: true });
  const { counts, join, flush, closeAll } = host<Socket, Buffer>(
    app,
    {
      encode: record,
      join: (records) => Buffer.concat(records),
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

  /** Answers a client's goodbye. */
  function onEnd(this: Socket): void {
    flush();
    this.end();
  }

  server.on("connection", (socket) => {
    socket.setKeepAlive(true, options.heartbeatMs);
    const guest = join(socket);
    socket.on(
      "data",
      recordReader(options.maxPayloadBytes, guest.receive, () => socket.destroy()),
    );
    socket.on("end", onEnd);
    socket.on("error", ignore); // Node destroys the socket itself
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

function ignore(): void {}
