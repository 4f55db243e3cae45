import type { App, Options, Server } from "../scenarios/contract.ts";
import { http1 } from "./lib/http/http1.ts";
import { ndjsonFormat } from "./protocols/ndjson.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/**
 * Newline-delimited JSON in one response of HTTP/1.1. A text costs 3 bytes of JSON and its escapes, and 4 bytes and the
 * hexadecimal digits of its size for the chunk.
 */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http1, ndjsonFormat);
}
