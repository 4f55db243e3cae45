import type { App, Options, Server } from "../scenarios/contract.ts";
import { serveFramedStream } from "./lib/tcp/stream-server.ts";
import { lineFraming } from "./protocols/lines.ts";

/**
 * Raw TCP: each message is a line, so that telnet and nc are clients too. Plain text costs 1 byte.
 * servers/protocols/lines.ts says what other messages cost.
 */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveFramedStream(app, options, lineFraming);
}
