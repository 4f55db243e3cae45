import type { App, Options, Server } from "../scenarios/contract.ts";
import { sseFormat } from "./protocols/sse.ts";
import { http2 } from "./lib/http/http2.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/**
 * Server-sent events over HTTP/2: 8 and 9 bytes a message (a DATA frame), and 13 for the id. Sends come up on the same connection: of its
 * bytes, what comes in is the overhead of sends, and what goes out that of deliveries, the few bytes of the answers to sends included.
 */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http2, sseFormat(options));
}
