import type { App, Options, Server } from "../scenarios/contract.ts";
import { http1 } from "./lib/http/http1.ts";
import { ndjsonFormat } from "./protocols/ndjson.ts";
import { serveStreams } from "./lib/http/streaming.ts";

/** Newline-delimited JSON in one response of HTTP/1.1: 3 bytes and the chunk's size (4 and its hex digits) a text, and JSON's escapes. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStreams(app, options, http1, ndjsonFormat);
}
