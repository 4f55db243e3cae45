import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { connectPolling } from "./lib/polling/lean-client.ts";

/** HTTP short polling: asks every `pollIntervalMs`, at this client's `phase` of it, whether or not there is anything. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  return connectPolling(address, inbox, options, { holdMs: 0, intervalMs: options.pollIntervalMs });
}
