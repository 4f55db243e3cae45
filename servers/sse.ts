import type { App, Options, Server } from "../scenarios/contract.ts";
import { sseFormat } from "./protocols/sse.ts";
import { http1 } from "./lib/http/http1.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/**
 * Server-sent events over HTTP/1.1. A message costs 8 bytes of the event, 13 of its id, and 4 bytes and the hexadecimal
 * digits of its size for the chunk.
 */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http1, sseFormat(options));
}
