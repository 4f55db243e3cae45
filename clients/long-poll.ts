import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { connectPolling } from "./lib/polling/lean-client.ts";

/** HTTP long polling: asks again as soon as it has an answer. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, { holdMs: options.holdMs, intervalMs: 0 });
}
