import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { queued, type Queued } from "../../protocols/batch.ts";
import type { Http } from "./exchange.ts";
import { host } from "../hosting/host.ts";
import { route } from "./session-routes.ts";
import { keepSessions, type Patience, type Session } from "./polling-sessions.ts";

/**
 * Hosts the session protocol with a batch for an answer to `GET /poll/ID?after=N`, an ask for what came after the first N messages: 200
 * and the batch, 204 nothing yet, 409 where the client cannot have just these, 410 it is over. What was handed out is kept until the next
 * ask acknowledges it, so that an ask that was cut off can be repeated and nothing is lost.
 */
export async function servePolling(app: App, options: Options, http: Http, patience: Patience): Promise<Server> {
  const sessions = keepSessions(patience, (exchange, delivery) => {
    const bytes = exchange.passed();
    counts.exchanges++;
    if (delivery) {
      counts.payloadsOut += delivery.newPayloads;
      counts.payloadBytesOut += delivery.newPayloadBytes;
    } else counts.emptyBytes += bytes;
  });
  const { counts, join, closeAll } = host<Session, Queued>(
    app,
    {
      encode: queued,
      push: sessions.put,
      queuedBytes: (session) => session.mailbox.bytes(),
      close: sessions.close,
      drop: sessions.end,
      countsOut: true,
    },
    options,
  );

  const { take, answerAll } = route<Session>({
    path: "/poll",
    join() {
      const session = sessions.open();
      session.guest = join(session);
      return session.id;
    },
    find: sessions.find,
    get(session, exchange) {
      if (session.mailbox.acknowledge(after(exchange.query))) sessions.ask(session, exchange);
      else exchange.answer(409);
    },
    receive: ({ guest }, payload, text) => guest?.receive(payload, text),
    leave: sessions.end,
  });

  // Longer than a session may be silent, so that a client never sends into a connection that is just being closed.
  const listener = await http.listen(options, options.pollIntervalMs + options.idleMs + 5_000, take);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
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
