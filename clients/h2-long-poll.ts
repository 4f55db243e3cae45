import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/http2-calls.ts";
import { atOnce, connectPolling } from "./lib/polling-library.ts";

/** Long polling through `node:http2`, asks and sends on one connection: asks again as soon as it has an answer. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, openHttp2, atOnce(options));
}
