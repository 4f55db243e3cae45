import type { App, Options, Server } from "../scenarios/contract.ts";
import { http2 } from "./lib/http/http2.ts";
import { servePolling } from "./lib/http/polling.ts";

/** Short polling over HTTP/2. Every poll gets a response at once: all messages since the last poll, or 204. */
export default function serve(app: App, options: Options): Promise<Server> {
  return servePolling(app, options, http2, { holdMs: 0, graceMs: options.pollIntervalMs + options.idleMs });
}
