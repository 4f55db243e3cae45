import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { ndjsonStream } from "./lib/library-http/ndjson-reader.ts";
import { connectLibraryStream } from "./lib/library-http/stream-client.ts";

/**
 * HTTP streaming through undici, on two connections: messages arrive as newline-delimited JSON in one response and
 * leave with POST.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryStream(address, handler, options, openHttp1, ndjsonStream);
}
