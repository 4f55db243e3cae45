import type { App, Options, Server } from "../scenarios/contract.ts";
import { http1 } from "./lib/http/http1.ts";
import { servePolling } from "./lib/http/polling.ts";

/** HTTP short polling. Every poll gets a response at once: all messages since the last poll, or 204. */
export default function serve(app: App, options: Options): Promise<Server> {
  return servePolling(app, options, http1, { holdMs: 0, graceMs: options.pollIntervalMs + options.idleMs });
}
