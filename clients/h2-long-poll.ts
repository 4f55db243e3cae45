import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { pollAgainImmediately, connectLibraryPolling } from "./lib/library-http/polling-client.ts";

/** Long polling through `node:http2`, asks and sends on one connection: asks again as soon as it has an answer. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryPolling(address, handler, options, openHttp2, pollAgainImmediately(options));
}
