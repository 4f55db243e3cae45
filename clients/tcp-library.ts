import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { recordFraming } from "../servers/protocols/records.ts";
import { connectLibraryTcp } from "./lib/tcp/library-client.ts";

/** Raw TCP through `node:net`: one record of 4 + payload bytes per message. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryTcp(address, handler, options, recordFraming);
}
