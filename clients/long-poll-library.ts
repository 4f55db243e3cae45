import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { atOnce, connectPolling } from "./lib/library-http/polling-client.ts";

/** HTTP long polling through undici: asks again as soon as it has an answer. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, openHttp1, atOnce(options));
}
