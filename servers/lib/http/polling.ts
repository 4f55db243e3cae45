import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { batchMessage, type BatchMessage } from "../../protocols/batch.ts";
import type { HttpVersion } from "./exchange.ts";
import { hostApplication } from "../hosting/host.ts";
import { sessionRoutes } from "./session-routes.ts";
import { openPollingSessions, type PollingTimeouts, type PollingSession } from "./polling-sessions.ts";

/**
 * Hosts the session protocol with a batch for an answer to `GET /poll/ID?after=N`, an ask for what came after the first N messages: 200
 * and the batch, 204 nothing yet, 409 where the client cannot have just these, 410 it is over. What was handed out is kept until the next
 * ask acknowledges it, so that an ask that was cut off can be repeated and nothing is lost.
 */
export async function servePolling(
  app: App,
  options: Options,
  http: HttpVersion,
  patience: PollingTimeouts,
): Promise<Server> {
  const sessions = openPollingSessions(patience, (exchange, delivery) => {
    const bytes = exchange.bytesSince();
    counts.pollsAnswered++;
    if (delivery) {
      counts.payloadsOut += delivery.newPayloads;
      counts.payloadBytesOut += delivery.newPayloadBytes;
    } else counts.emptyPollBytes += bytes;
  });
  const { counts, join, closeAll } = hostApplication<PollingSession, BatchMessage>(
    app,
    {
      encode: batchMessage,
      push: sessions.put,
      queuedBytes: (session) => session.queue.bytes(),
      close: sessions.close,
      drop: sessions.end,
      countsOut: true,
    },
    options,
  );

  const { take, answerAll } = sessionRoutes<PollingSession>({
    path: "/poll",
    join() {
      const session = sessions.open();
      session.connection = join(session);
      return session.id;
    },
    find: sessions.find,
    get(session, exchange) {
      if (session.queue.acknowledge(after(exchange.query))) sessions.ask(session, exchange);
      else exchange.answer(409);
    },
    receive: ({ connection }, payload, text) => connection?.receive(payload, text),
    leave: sessions.end,
  });

  // Longer than a session may be silent, so that a client never sends into a connection that is just being closed.
  const listener = await http.listen(options, options.pollIntervalMs + options.idleMs + 5_000, take);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      answerAll();
      sessions.endAll();
      await listener.close();
    },
  };
}

/** How many messages an ask acknowledges; NaN where it does not say. */
function after(query: string): number {
  return /^after=\d{1,15}$/.test(query) ? Number(query.slice("after=".length)) : NaN;
}
