import type { HttpExchange } from "./exchange.ts";
import type { ServerConnection } from "../hosting/host.ts";
import { refuse, wrongMethod } from "./refusals.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";

/*
 * The session protocol, the same for polling and streaming, under HTTP/1.1 and HTTP/2:
 *
 *     POST   /PATH       201, the body is the session's id   joins
 *     GET    /PATH/ID    depends on the transport            polls for messages, or opens a stream of them
 *     POST   /PATH/ID    204                                 sends the body, as text if its type is text or JSON
 *     DELETE /PATH/ID    204                                 leaves
 *
 * The response is 404 where the session does not exist or has ended, 405 with the allowed methods for a wrong method,
 * and 413 for a payload that is too large. A refusal has one sentence. A page of this machine may send these requests
 * (CORS).
 */

/** A session as the routes need it. */
interface RoutedSession {
  connection: ServerConnection | undefined;
}

/** Handlers of the requests of the session protocol. */
export interface SessionHandlers<Session extends RoutedSession> {
  /** Path of the sessions, such as "/poll". */
  path: string;
  /** Opens a session and returns its id. */
  join(): string;
  find(id: string): Session | undefined;
  /** Handles a GET: responds now or later, or opens a stream. */
  get(session: Session, exchange: HttpExchange): void;
  leave(session: Session): void;
}

/** Routes requests to the handlers of the session protocol. */
export interface SessionRouter {
  route(exchange: HttpExchange): void;
  /** Sends the responses that wait for the end of the tick, now. */
  respondAll(): void;
}

const plainText = { "content-type": "text/plain; charset=utf-8" };

/**
 * Makes a router for the session protocol. Requests that send a message are answered at the end of the tick of the
 * event loop: to parse all requests before writing all responses costs less than to alternate.
 */
export function sessionRoutes<Session extends RoutedSession>({
  path,
  join,
  find,
  get,
  leave,
}: SessionHandlers<Session>): SessionRouter {
  let received: HttpExchange[] = [];
  const respondSoon = oncePerTick(respondAll);

  function respondAll(): void {
    const exchanges = received;
    received = [];
    for (const exchange of exchanges) exchange.respond(204);
  }

  const methods: Record<string, (session: Session, exchange: HttpExchange) => void> = {
    GET: get,
    POST({ connection }, exchange) {
      received.push(exchange);
      respondSoon();
      connection?.receive(exchange.body, isText(exchange.header("content-type")));
    },
    DELETE(session, exchange) {
      leave(session);
      exchange.respond(204);
    },
  };

  const allowed = Object.keys(methods).join(", ");

  return {
    respondAll,
    route(exchange) {
      const { method } = exchange;
      exchange.assignRole(method === "GET" ? "down" : "up");
      if (exchange.path === path) {
        if (method === "POST") exchange.respond(201, plainText, join());
        else wrongMethod(exchange, `POST ${path} opens a session.`, "POST");
      } else if (exchange.path.startsWith(path) && exchange.path.lastIndexOf("/") === path.length) {
        if (!Object.hasOwn(methods, method)) return wrongMethod(exchange, `A session accepts ${allowed}.`, allowed);
        const session = find(exchange.path.slice(path.length + 1));
        if (session) methods[method]!(session, exchange);
        else refuse(exchange, 404, `There is no such session: POST ${path} opens one, and returns its id.`);
      } else refuse(exchange, 404, `There is nothing here: POST ${path} opens a session, and returns its id.`);
    },
  };
}

/** True if a content type is text or JSON. Its parameters do not matter: text is UTF-8 in this protocol. */
function isText(contentType = ""): boolean {
  const type = contentType.toLowerCase();
  return type.startsWith("text/") || type.startsWith("application/json");
}
