import type { HttpExchange } from "./exchange.ts";
import type { ServerConnection } from "../hosting/host.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";

/*
 * The session protocol, the same for polling and streaming, under HTTP/1.1 and HTTP/2:
 *
 *     POST   /PATH       201, the body is the session's id   joins
 *     GET    /PATH/ID    depends on the transport            polls for messages, or opens a stream of them
 *     POST   /PATH/ID    204                                 sends the body, as text if its type is text/plain
 *     DELETE /PATH/ID    204                                 leaves
 *
 * The response is 404 where the session does not exist or has ended, 405 with the allowed methods for a wrong method,
 * and 413 for a payload that is too large.
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

  return {
    respondAll,
    route(exchange) {
      const { method } = exchange;
      exchange.assignRole(method === "GET" ? "down" : "up");
      if (exchange.path === path) {
        if (method === "POST") exchange.respond(201, plainText, join());
        else exchange.respond(405, { allow: "POST" });
      } else if (exchange.path.startsWith(path) && exchange.path.lastIndexOf("/") === path.length) {
        if (!Object.hasOwn(methods, method)) return exchange.respond(405, { allow: Object.keys(methods).join(", ") });
        const session = find(exchange.path.slice(path.length + 1));
        if (session) methods[method]!(session, exchange);
        else exchange.respond(404);
      } else exchange.respond(404);
    },
  };
}

/** True if a content type is text/plain. Its parameters do not matter: text is UTF-8 in this protocol. */
function isText(contentType = ""): boolean {
  return contentType.toLowerCase().startsWith("text/plain");
}
