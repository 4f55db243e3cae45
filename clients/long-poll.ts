import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { connectLeanPolling } from "./lib/polling/lean-client.ts";

/** HTTP long polling: asks again as soon as it has an answer. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLeanPolling(address, handler, options, { holdMs: options.holdMs, intervalMs: 0 });
}
