import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { connectLibraryPolling } from "./lib/library-http/polling-client.ts";
import { shortPollTiming } from "./lib/polling/poll-timing.ts";

/** HTTP short polling through undici: polls every `pollIntervalMs`, at this client's `phase`. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp1, shortPollTiming(options));
}
