import { dial } from "../../../clients/lib/net/dial.ts";
import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { lineFraming } from "../../../servers/protocols/lines.ts";

/** Raw TCP through `node:net`: one line per message. Rejects if no server accepts within `options.handshakeMs`. */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const socket = await dial(address, options.handshakeMs);
  let failure: Error | undefined;
  socket.setKeepAlive(true, options.heartbeatMs);
  socket.on(
    "data",
    lineFraming.reader(
      options.maxPayloadBytes,
      (payload, text) => handler.receive(payload, text),
      (error) => socket.destroy(error),
    ),
  );
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => handler.closed(failure));
  // If the protocol has a handshake, await its end here, before the connection is returned.
  return {
    send(payload, text) {
      if (socket.writable) socket.write(lineFraming.frame(payload, text));
    },
    close: () => socket.end(),
  };
}
