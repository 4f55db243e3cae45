import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { events } from "./lib/library-http/sse-reader.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { connectStream } from "./lib/library-http/stream-client.ts";

/** Server-sent events down, POST up, through undici and eventsource-parser, on two connections. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, openHttp1, events);
}
