import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { sseStream } from "./lib/library-http/sse-reader.ts";
import { openHttp2 } from "./lib/library-http/http2-channel.ts";
import { connectLibraryStream } from "./lib/library-http/stream-client.ts";

/**
 * Server-sent events through `node:http2` and eventsource-parser, on one connection: messages arrive as events and
 * leave with POST.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryStream(address, handler, options, openHttp2, sseStream);
}
