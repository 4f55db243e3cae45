import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { atIntervals, connectPolling } from "./lib/library-http/polling-client.ts";

/** HTTP short polling through undici: asks every `pollIntervalMs`, at this client's `phase` of it. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, openHttp1, atIntervals(options));
}
