import type { App, Options, Server } from "../../../scenarios/contract.ts";
import type { StreamFormat } from "../../protocols/stream-format.ts";
import type { HttpVersion } from "./exchange.ts";
import { sessionRoutes } from "./session-routes.ts";
import { StreamSessions, type StreamSession } from "./stream-sessions.ts";

/**
 * Hosts the session protocol with streaming responses: a GET gets 200 and a body that does not end. `Last-Event-ID`
 * names the last event that the client has; 409 means that the server no longer has all later ones. A client without a
 * stream leaves after `idleMs`, or at once where the format replays nothing.
 */
export async function serveStreams(
  app: App,
  options: Options,
  http: HttpVersion,
  format: StreamFormat,
): Promise<Server> {
  const sessions = new StreamSessions(app, options, http, format);
  const { counts, flush, closeAll } = sessions.host;
  const { route, respondAll } = sessionRoutes<StreamSession>({
    path: format.path,
    join: () => sessions.open().id,
    find: (id) => sessions.find(id),
    get: (session, exchange) => sessions.openStream(session, exchange),
    leave(session) {
      flush();
      sessions.end(session);
    },
  });

  const listener = await http.listen(options, options.idleMs + 5_000, route);
  const heartbeat = setInterval(() => sessions.heartbeat(), options.heartbeatMs);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      respondAll();
      sessions.endAll();
      await listener.close();
    },
  };
}
