import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { connectPolling } from "./lib/polling.ts";
import { ticks } from "./lib/ticks.ts";

/** HTTP short polling: asks every `pollIntervalMs`, at this client's `phase` of it, whether or not there is anything. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  const { pollIntervalMs, phase } = options;
  return connectPolling(address, inbox, options, { holdMs: 0, rhythm: (ask) => ticks(pollIntervalMs, phase, ask) });
}
