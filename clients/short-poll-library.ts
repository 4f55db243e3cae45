import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { pollAtIntervals, connectLibraryPolling } from "./lib/library-http/polling-client.ts";

/** HTTP short polling through undici: asks every `pollIntervalMs`, at this client's `phase` of it. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp1, pollAtIntervals(options));
}
