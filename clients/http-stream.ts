import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/http1-calls.ts";
import { lines } from "./lib/json-lines.ts";
import { connectStream } from "./lib/streaming.ts";

/** Newline-delimited JSON in one response down, POST up, through undici, on two connections. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectStream(address, inbox, options, openHttp1, lines);
}
