import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { connectLeanPolling } from "./lib/polling/lean-client.ts";
import { shortPollTiming } from "./lib/polling/poll-timing.ts";

/**
 * HTTP short polling, lean client: polls every `pollIntervalMs`, at this client's `phase`, whether or not messages
 * wait.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLeanPolling(address, handler, options, shortPollTiming(options));
}
