import type { Socket } from "node:net";
import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { hostApplication } from "../../../servers/lib/hosting/host.ts";
import { lineFraming } from "../../../servers/protocols/lines.ts";
import { listen } from "../../../servers/lib/hosting/listen.ts";
import { streamServer } from "../../../servers/lib/hosting/tls.ts";

/** Raw TCP, a line per message. Say here what a message costs on the wire, and which specification says so. */
export default async function serve(app: App, options: Options): Promise<Server> {
  // How a message gets to a client. What all transports have in common is done by `host`: rooms, counts, goodbyes, and who is too slow.
  const { counts, join, flush, closeAll } = hostApplication<Socket, Buffer>(
    app,
    {
      encode: lineFraming.frame, // called once per message, however many get it
      concat: (frames) => Buffer.concat(frames), // what one turn of the event loop has for a client leaves in one write
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

  // TCP itself or, with "+tls", TLS. Half-open, so that who has said goodbye still gets what was sent before.
  const server = streamServer(options, { allowHalfOpen: true }, (socket) => {
    // A handshake comes first, where there is one, within `options.handshakeMs`. From `join` on the application knows the client.
    const guest = join(socket);
    socket.setKeepAlive(true, options.heartbeatMs);
    socket.on(
      "data",
      lineFraming.reader(options.maxPayloadBytes, guest.receive, () => socket.destroy()),
    );
    socket.on("end", () => {
      flush();
      socket.end();
    });
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", guest.leave);
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
