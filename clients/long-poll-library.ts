import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { pollAgainImmediately, connectLibraryPolling } from "./lib/library-http/polling-client.ts";

/** HTTP long polling through undici: asks again as soon as it has an answer. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp1, pollAgainImmediately(options));
}
