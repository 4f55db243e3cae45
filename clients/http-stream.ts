import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { lines } from "./lib/library-http/ndjson-reader.ts";
import { connectStream } from "./lib/library-http/stream-client.ts";

/** Newline-delimited JSON in one response down, POST up, through undici, on two connections. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, openHttp1, lines);
}
