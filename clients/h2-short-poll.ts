import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { connectLibraryPolling } from "./lib/library-http/polling-client.ts";
import { shortPollTiming } from "./lib/polling/poll-timing.ts";

/**
 * Short polling through `node:http2`, polls and sends on one connection: polls every `pollIntervalMs`, at this client's
 * `phase`.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp2, shortPollTiming(options));
}
