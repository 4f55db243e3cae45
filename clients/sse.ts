import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { sseStream } from "./lib/library-http/sse-reader.ts";
import { openHttp1 } from "./lib/library-http/http1-channel.ts";
import { connectLibraryStream } from "./lib/library-http/stream-client.ts";

/**
 * Server-sent events through undici and eventsource-parser, on two connections: messages arrive as events and leave
 * with POST.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return connectLibraryStream(address, handler, options, openHttp1, sseStream);
}
