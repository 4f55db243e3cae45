import type { App, Options, Server } from "../scenarios/contract.ts";
import { serveStream } from "./lib/tcp/stream-server.ts";
import { records } from "./protocols/records.ts";

/** Raw TCP: each message is a record of 4 + payload bytes. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStream(app, options, records);
}
