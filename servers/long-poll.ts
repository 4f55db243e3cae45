import type { App, Options, Server } from "../scenarios/contract.ts";
import { http1 } from "./lib/http/http1.ts";
import { servePolling } from "./lib/http/polling.ts";

/** HTTP long polling (RFC 6202). A poll is held until there is a message, or gets 204 after `holdMs`. */
export default function serve(app: App, options: Options): Promise<Server> {
  return servePolling(app, options, http1, { holdMs: options.holdMs, graceMs: options.idleMs });
}
