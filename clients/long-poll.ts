import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { connectLeanPolling } from "./lib/polling/lean-client.ts";
import { longPollTiming } from "./lib/polling/poll-timing.ts";

/** HTTP long polling, lean client: polls again as soon as it has a response. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLeanPolling(address, handler, options, longPollTiming(options));
}
