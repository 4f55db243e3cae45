import { dial } from "../../../clients/lib/net/dial.ts";
import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import { lineFraming } from "../../../servers/protocols/lines.ts";

/** The client through `node:net`: a line per message. Rejects where nobody accepts in time. */
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
  // A handshake comes here, where there is one: await its end before the link is handed out.
  return {
    send(payload, text) {
      if (socket.writable) socket.write(lineFraming.frame(payload, text));
    },
    close: () => socket.end(),
  };
}
