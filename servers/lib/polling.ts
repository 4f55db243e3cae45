import { fastify, type FastifyRequest } from "fastify";
import type { App, Options, Server } from "../../scenarios/contract.ts";
import { queued, type Queued } from "./batch.ts";
import { host } from "./host.ts";
import { httpServer } from "./http.ts";
import { listen } from "./listen.ts";
import { keepSessions, type Patience, type Session } from "./sessions.ts";

/*
 * The polling protocol, the same for both kinds of poll:
 *
 *     POST   /poll              201, the body is the session's id           joins
 *     GET    /poll/ID?after=N   200 a batch, 204 nothing yet, 410 it is over  asks for what came after the first N messages
 *     POST   /poll/ID           204                                         sends the body: text/plain is text, all else binary
 *     DELETE /poll/ID           204                                         leaves
 *
 * What was handed out is kept until the next ask acknowledges it, so an ask that was cut off can be repeated and nothing is lost.
 * A session that does not exist (any more) gets 404, a wrong method 405, an impossible N 409, a payload too large 413.
 */

/** A request about one session. */
type OfSession = FastifyRequest<{ Params: { id: string }; Querystring: { after?: string } }>;

/** Whatever else it says, such as a charset: text is UTF-8 here. */
function isText(contentType = ""): boolean {
  return contentType.toLowerCase().startsWith("text/plain");
}

/** Hosts the polling protocol with fastify. */
export async function servePolling(app: App, options: Options, patience: Patience): Promise<Server> {
  const sessions = keepSessions(patience, (reply, delivery) => {
    const bytes = listener.passed(reply.request.raw.socket);
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

  // Longer than a session may be silent, so that a client never sends into a connection that is just being closed.
  const keepAliveMs = options.pollIntervalMs + options.idleMs + 5_000;
  const web = fastify({
    bodyLimit: options.maxPayloadBytes,
    exposeHeadRoutes: false,
    serverFactory: (handler) => httpServer(options, keepAliveMs, handler),
  });
  web.removeAllContentTypeParsers();
  web.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  web.setNotFoundHandler((request, reply) => {
    const known = /^\/poll(\/[^/]*)?$/.exec(request.url.split("?", 1)[0]!);
    if (known)
      reply
        .code(405)
        .header("allow", known[1] ? "GET, POST, DELETE" : "POST")
        .send();
    else reply.code(404).send();
  });

  web.post("/poll", (request, reply) => {
    listener.assign(request.raw.socket, "up");
    const session = sessions.open();
    session.guest = join(session);
    reply.code(201).send(session.id);
  });

  web.get("/poll/:id", (request: OfSession, reply) => {
    listener.assign(request.raw.socket, "down");
    const session = sessions.find(request.params.id);
    if (!session) reply.code(404).send();
    else if (!session.mailbox.acknowledge(Number(request.query.after))) reply.code(409).send();
    else sessions.ask(session, reply);
  });

  web.post("/poll/:id", (request: OfSession, reply) => {
    listener.assign(request.raw.socket, "up");
    const session = sessions.find(request.params.id);
    if (session) sessions.accept(reply);
    else reply.code(404).send();
    const payload = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    session?.guest?.receive(payload, isText(request.headers["content-type"]));
  });

  web.delete("/poll/:id", (request: OfSession, reply) => {
    listener.assign(request.raw.socket, "up");
    const session = sessions.find(request.params.id);
    reply.code(session ? 204 : 404).send();
    if (session) sessions.end(session);
  });

  await web.ready();
  const listener = await listen(web.server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      closeAll();
      sessions.endAll();
      await listener.close();
      await web.close();
    },
  };
}
