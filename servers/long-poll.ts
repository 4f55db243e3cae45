import type { App, Options, Server } from "../scenarios/contract.ts";
import { servePolling } from "./lib/polling.ts";

/** HTTP long polling (RFC 6202): an ask is held until there is a message, or answered with 204 after `holdMs`. */
export default function serve(app: App, options: Options): Promise<Server> {
  return servePolling(app, options, { holdMs: options.holdMs, graceMs: options.idleMs });
}
