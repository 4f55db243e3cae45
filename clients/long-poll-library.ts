import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { connectLibraryPolling } from "./lib/library-http/polling-client.ts";
import { longPollTiming } from "./lib/polling/poll-timing.ts";

/** HTTP long polling through undici: polls again as soon as it has a response. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp1, longPollTiming(options));
}
