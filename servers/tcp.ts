import type { App, Options, Server } from "../scenarios/contract.ts";
import { serveFramedStream } from "./lib/tcp/stream-server.ts";
import { recordFraming } from "./protocols/records.ts";

/** Raw TCP: each message is a record, 4 bytes and the payload. */
export default function serve(app: App, options: Options): Promise<Server> {
  return serveFramedStream(app, options, recordFraming);
}
