import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { records } from "../servers/protocols/records.ts";
import { connectStream } from "./lib/tcp/library-client.ts";

/** Raw TCP through `node:net`: one record of 4 + payload bytes per message. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, records);
}
