import type { App, Options, Server } from "../scenarios/contract.ts";
import { serveStream } from "./lib/tcp/stream-server.ts";
import { lines } from "./protocols/lines.ts";

/** Raw TCP: each message is a line, so that telnet and nc can join. Plain text costs 1 byte, the rest what servers/protocols/lines.ts says. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStream(app, options, lines);
}
