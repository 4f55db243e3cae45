import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { record, recordReader } from "../servers/lib/records.ts";
import { dial } from "./lib/dial.ts";

/** Raw TCP through `node:net`: one record of 4 + payload bytes per message. */
export default async function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const socket = await dial(address, options.handshakeMs);
  let failure: Error | undefined;
  socket.on(
    "data",
    recordReader(
      options.maxPayloadBytes,
      (payload, text) => inbox.receive(payload, text),
      (error) => socket.destroy(error),
    ),
  );
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => inbox.closed(failure));
  socket.setKeepAlive(true, options.heartbeatMs);
  return {
    send(payload, text) {
      if (socket.writable) socket.write(record(payload, text));
    },
    close: () => socket.end(),
  };
}
