import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { lineFraming } from "../servers/protocols/lines.ts";
import { connectLibraryTcp } from "./lib/tcp/library-client.ts";

/** Raw TCP through `node:net`: one line per message. */
export default function connect(address: Address, inbox: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryTcp(address, inbox, options, lineFraming);
}
