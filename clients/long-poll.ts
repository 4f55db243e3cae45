import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { connectLeanPolling } from "./lib/polling/lean-client.ts";

/** HTTP long polling: asks again as soon as it has an answer. */
export default function connect(address: Address, inbox: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLeanPolling(address, inbox, options, { holdMs: options.holdMs, intervalMs: 0 });
}
