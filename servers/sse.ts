import type { App, Options, Server } from "../scenarios/contract.ts";
import { sseFormat } from "./protocols/sse.ts";
import { http1 } from "./lib/http/http1.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/** Server-sent events over HTTP/1.1: 8 bytes and the chunk's size (4 and its hex digits) a message, and 13 for the id. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http1, sseFormat(options));
}
