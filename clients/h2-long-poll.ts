import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { connectLibraryPolling } from "./lib/library-http/polling-client.ts";
import { longPollTiming } from "./lib/polling/poll-timing.ts";

/** Long polling through `node:http2`, polls and sends on one connection: polls again as soon as it has a response. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp2, longPollTiming(options));
}
