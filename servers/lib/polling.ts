import { randomBytes } from "node:crypto";
import { fastify, type FastifyReply, type FastifyRequest } from "fastify";
import type { App, Options, Server } from "../../scenarios/contract.ts";
import { queued, type Queued } from "./batch.ts";
import { host, type Guest } from "./host.ts";
import { httpServer } from "./http.ts";
import { listen } from "./listen.ts";
import { mailbox, type Mailbox } from "./mailbox.ts";

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

/** `holdMs`: how long an ask with nothing to answer is held, 0 not at all. `graceMs`: how long a client may go without an ask. */
export interface Patience {
  holdMs: number;
  graceMs: number;
}

interface Session {
  id: string;
  mailbox: Mailbox;
  guest?: Guest;
  /** The ask that waits for a message. */
  held: FastifyReply | undefined;
  hold: NodeJS.Timeout | undefined;
  expiry: NodeJS.Timeout | undefined;
  /** The server has said goodbye: an ask that finds the mailbox empty is told so. */
  closing: boolean;
}

/** Whatever else it says, such as a charset: text is UTF-8 here. */
function isText(contentType = ""): boolean {
  return contentType.toLowerCase().startsWith("text/plain");
}

/** Hosts the polling protocol with fastify. */
export async function servePolling(app: App, options: Options, { holdMs, graceMs }: Patience): Promise<Server> {
  const sessions = new Map<string, Session>();
  const { counts, join, closeAll } = host<Session, Queued>(
    app,
    {
      encode: queued,
      push(session, message) {
        session.mailbox.put(message);
        if (session.held) answer(session, session.held);
        return true;
      },
      queuedBytes: (session) => session.mailbox.bytes(),
      close(session) {
        session.closing = true;
        if (session.held) answer(session, session.held);
      },
      drop: end,
      countsOut: true,
    },
    options,
  );

  /** Answers an ask if there is something to say. */
  function answer(session: Session, reply: FastifyReply): boolean {
    const delivery = session.mailbox.take();
    if (delivery) {
      release(session);
      counts.exchanges++;
      counts.payloadsOut += delivery.newPayloads;
      counts.payloadBytesOut += delivery.newPayloadBytes;
      reply.code(200).type(delivery.type).send(delivery.body);
    } else if (session.closing) {
      answerEmpty(session, reply, 410);
      end(session);
    } else return false;
    return true;
  }

  function answerEmpty(session: Session, reply: FastifyReply, status: 204 | 410): void {
    release(session);
    counts.exchanges++;
    reply.code(status).send();
  }

  function holdAsk(session: Session, reply: FastifyReply): void {
    session.held = reply;
    session.hold = setTimeout(() => answerEmpty(session, reply, 204), holdMs);
    reply.raw.once("close", () => session.held === reply && release(session));
  }

  function ask(session: Session, reply: FastifyReply): void {
    if (session.held) answerEmpty(session, session.held, 204);
    if (answer(session, reply)) return;
    if (holdMs > 0) holdAsk(session, reply);
    else answerEmpty(session, reply, 204);
  }

  /** Forgets the held ask; from now on the client has its grace to ask again. */
  function release(session: Session): void {
    session.held = undefined;
    clearTimeout(session.hold);
    session.expiry?.refresh();
  }

  function expire(session: Session): void {
    if (session.held) session.expiry?.refresh();
    else end(session);
  }

  function end(session: Session): void {
    if (!sessions.delete(session.id)) return;
    if (session.held) answerEmpty(session, session.held, 410);
    clearTimeout(session.expiry);
    session.guest?.leave();
  }

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
    const id = randomBytes(12).toString("base64url");
    const session: Session = {
      id,
      mailbox: mailbox(),
      held: undefined,
      hold: undefined,
      expiry: setTimeout(() => expire(session), graceMs),
      closing: false,
    };
    sessions.set(id, session);
    session.guest = join(session);
    reply.code(201).send(id);
  });

  web.get(
    "/poll/:id",
    (request: FastifyRequest<{ Params: { id: string }; Querystring: { after?: string } }>, reply) => {
      listener.assign(request.raw.socket, "down");
      const session = sessions.get(request.params.id);
      if (!session) reply.code(404).send();
      else if (!session.mailbox.acknowledge(Number(request.query.after))) reply.code(409).send();
      else ask(session, reply);
    },
  );

  web.post("/poll/:id", (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
    listener.assign(request.raw.socket, "up");
    const session = sessions.get(request.params.id);
    reply.code(session ? 204 : 404).send();
    const payload = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    session?.guest?.receive(payload, isText(request.headers["content-type"]));
  });

  web.delete("/poll/:id", (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
    listener.assign(request.raw.socket, "up");
    const session = sessions.get(request.params.id);
    reply.code(session ? 204 : 404).send();
    if (session) end(session);
  });

  await web.ready();
  const listener = await listen(web.server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wire(), ...counts }),
    async close() {
      closeAll();
      for (const session of sessions.values()) end(session);
      await listener.close();
      await web.close();
    },
  };
}
