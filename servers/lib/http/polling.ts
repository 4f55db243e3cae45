import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { batchMessage, type BatchMessage } from "../../protocols/batch.ts";
import { unheld } from "../../protocols/cursor.ts";
import type { HttpVersion } from "./exchange.ts";
import { hostApplication } from "../hosting/host.ts";
import { refuse } from "./refusals.ts";
import { sessionRoutes } from "./session-routes.ts";
import { openPollingSessions, type PollingTimeouts, type PollingSession } from "./polling-sessions.ts";

/**
 * Hosts the session protocol with polling. `GET /poll/ID?after=N` acknowledges the first N messages and requests all
 * later ones. With `&hold=0` the response comes at once. It is 200 with a batch, 204 where there is none, 409 where N is not valid, or 410 where the
 * session is closed. Messages are kept until a poll acknowledges them, so a poll that was cut off can be repeated
 * without loss.
 */
export async function servePolling(
  app: App,
  options: Options,
  http: HttpVersion,
  timeouts: PollingTimeouts,
): Promise<Server> {
  const sessions = openPollingSessions(timeouts, (exchange, delivery) => {
    counts.pollsAnswered++;
    if (delivery) {
      counts.payloadsOut += delivery.newPayloads;
      counts.payloadBytesOut += delivery.newPayloadBytes;
    } else counts.emptyPollBytes += exchange.bytes;
  });
  const { counts, join, closeAll } = hostApplication<PollingSession, BatchMessage>(
    app,
    {
      encode: batchMessage,
      push: sessions.put,
      queuedBytes: (session) => session.queue.bytes(),
      close: sessions.close,
      drop: sessions.end,
      countsPayloadsOut: true,
    },
    options,
  );

  const { route, respondAll } = sessionRoutes<PollingSession>({
    path: "/poll",
    join() {
      const session = sessions.open();
      session.connection = join(session);
      return session.id;
    },
    find: sessions.find,
    get(session, exchange) {
      const { query } = exchange;
      const mayHold = !query.endsWith(unheld);
      const acknowledged = acknowledgedIn(mayHold ? query : query.slice(0, -unheld.length));
      if (session.queue.acknowledge(acknowledged)) sessions.poll(session, exchange, mayHold);
      else
        refuse(
          exchange,
          409,
          "A poll needs ?after=N, the number of messages received, not less than in the poll before.",
        );
    },
    leave: sessions.end,
  });

  // Longer than a session may be silent. So a client never sends on a connection that the server is closing.
  const listener = await http.listen(options, options.pollIntervalMs + options.idleMs + 5_000, route);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      respondAll();
      sessions.endAll();
      await listener.close();
    },
  };
}

/** Number of messages that a poll acknowledges; NaN where the query is not valid. */
function acknowledgedIn(query: string): number {
  return /^after=\d{1,15}$/.test(query) ? Number(query.slice("after=".length)) : NaN;
}
