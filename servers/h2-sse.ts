import type { App, Options, Server } from "../scenarios/contract.ts";
import { sseFormat } from "./protocols/sse.ts";
import { http2 } from "./lib/http/http2.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/**
 * Server-sent events over HTTP/2. A message costs 8 bytes of the event, 13 of its id and 9 of a DATA frame. Sends use
 * the same connection. So incoming bytes count as overhead of sends, and outgoing bytes, which include the short
 * responses to sends, as overhead of deliveries.
 */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http2, sseFormat(options));
}
