import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { events } from "./lib/library-http/sse-reader.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { connectStream } from "./lib/library-http/stream-client.ts";

/** Server-sent events down, POST up, through `node:http2` and eventsource-parser, on one connection. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, openHttp2, events);
}
