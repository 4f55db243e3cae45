import type { App, Options, Server } from "../scenarios/contract.ts";
import { serveStream } from "./lib/byte-stream.ts";
import { lines } from "./lib/lines.ts";

/** Raw TCP: each message is a line, so that telnet and nc can join. Plain text costs 1 byte, the rest what servers/lib/lines.ts says. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveStream(app, options, lines);
}
