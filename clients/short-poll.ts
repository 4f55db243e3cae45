import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { connectLeanPolling } from "./lib/polling/lean-client.ts";

/** HTTP short polling: asks every `pollIntervalMs`, at this client's `phase` of it, whether or not there is anything. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLeanPolling(address, handler, options, { holdMs: 0, intervalMs: options.pollIntervalMs });
}
