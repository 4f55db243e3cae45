import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { lineFraming } from "../servers/protocols/lines.ts";
import { connectLibraryTcp } from "./lib/tcp/library-client.ts";

/** Raw TCP through `node:net`: one line per message. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryTcp(address, handler, options, lineFraming);
}
