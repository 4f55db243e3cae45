import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { pollAtIntervals, connectLibraryPolling } from "./lib/library-http/polling-client.ts";

/** Short polling through `node:http2`, asks and sends on one connection: asks every `pollIntervalMs`, at this client's `phase` of it. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp2, pollAtIntervals(options));
}
