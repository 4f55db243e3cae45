import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { events } from "./lib/events.ts";
import { openHttp1 } from "./lib/http1-calls.ts";
import { connectStream } from "./lib/streaming.ts";

/** Server-sent events down, POST up, through undici and eventsource-parser, on two connections. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, openHttp1, events);
}
