import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { atIntervals, connectPolling } from "./lib/library-http/polling-client.ts";

/** Short polling through `node:http2`, asks and sends on one connection: asks every `pollIntervalMs`, at this client's `phase` of it. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, openHttp2, atIntervals(options));
}
