import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { lines } from "../servers/protocols/lines.ts";
import { connectStream } from "./lib/tcp/library-client.ts";

/** Raw TCP through `node:net`: one line per message. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, lines);
}
