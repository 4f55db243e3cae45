import type { Address, ConnectionHandler, Connection, Options } from "../../../scenarios/contract.ts";
import type { Framing } from "../../../servers/protocols/framing.ts";
import { dial } from "../net/dial.ts";

/** A client over plain TCP through `node:net`, with the given framing. */
export async function connectLibraryTcp(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  { frame, reader }: Framing,
): Promise<Connection> {
  const socket = await dial(address, options.handshakeMs);
  let failure: Error | undefined;
  socket.on(
    "data",
    reader(
      options.maxPayloadBytes,
      (payload, text) => handler.receive(payload, text),
      (error) => socket.destroy(error),
    ),
  );
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => handler.closed(failure));
  socket.setKeepAlive(true, options.heartbeatMs);
  return {
    send(payload, text) {
      if (socket.writable) socket.write(frame(payload, text));
    },
    close: () => socket.end(),
  };
}
