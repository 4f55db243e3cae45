import type { Address, Inbox, Link, Options } from "../scenarios/contract.ts";
import { connectPolling } from "./lib/polling-library.ts";
import { ticks } from "./lib/ticks.ts";

/** HTTP short polling through undici: asks every `pollIntervalMs`, at this client's `phase` of it. */
export default function connect(address: Address, inbox: Inbox, options: Options): Promise<Link> {
  let due = (): void => undefined;
  const { wait } = ticks(options.pollIntervalMs, options.phase, () => due());
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      due = resolve;
      wait();
    });
  return connectPolling(address, inbox, options, { holdMs: 0, pause });
}
