import type { App, Options, Server } from "../scenarios/contract.ts";
import { http2 } from "./lib/http/http2.ts";
import { servePolling } from "./lib/http/polling.ts";

/** Long polling (RFC 6202) over HTTP/2. A poll is held until there is a message, or gets 204 after `holdMs`. */
export default function serve(app: App, options: Options): Promise<Server> {
  return servePolling(app, options, http2, { holdMs: options.holdMs, graceMs: options.idleMs });
}
