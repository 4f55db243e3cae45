import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { atOnce, connectPolling } from "./lib/library-http/polling-client.ts";

/** Long polling through `node:http2`, asks and sends on one connection: asks again as soon as it has an answer. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, openHttp2, atOnce(options));
}
