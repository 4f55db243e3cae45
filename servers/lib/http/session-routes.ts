import type { HttpExchange } from "./exchange.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";

/*
 * The session protocol, the same for every kind of poll and stream, under HTTP/1.1 and HTTP/2:
 *
 *     POST   /PATH       201, the body is the session's id   joins
 *     GET    /PATH/ID    as the kind has it                  asks for messages
 *     POST   /PATH/ID    204                                 sends the body: text/plain is text, all else binary
 *     DELETE /PATH/ID    204                                 leaves
 *
 * A session that does not exist (any more) gets 404, a wrong method 405 with the right ones, a payload too large 413.
 */

/** What becomes of the requests of the session protocol. */
export interface SessionHandlers<Session> {
  /** Where sessions are, such as "/poll". */
  path: string;
  /** Makes a session and returns its id. */
  join(): string;
  find(id: string): Session | undefined;
  /** Asks for messages: answers the exchange, now or later. */
  get(session: Session, exchange: HttpExchange): void;
  receive(session: Session, payload: Buffer, text: boolean): void;
  leave(session: Session): void;
}

/** The way of requests to what answers them. */
export interface SessionRouter {
  take(exchange: HttpExchange): void;
  /** Answers what waits for the end of the turn. */
  answerAll(): void;
}

const plain = { "content-type": "text/plain; charset=utf-8" };

/**
 * Takes each request to what answers it. Messages are answered at the end of the turn of the event loop: to parse all requests before
 * writing all responses costs less than to take turns.
 */
export function sessionRoutes<Session>({
  path,
  join,
  find,
  get,
  receive,
  leave,
}: SessionHandlers<Session>): SessionRouter {
  let taken: HttpExchange[] = [];
  const answerSoon = oncePerTick(answerAll);

  function answerAll(): void {
    const exchanges = taken;
    taken = [];
    for (const exchange of exchanges) exchange.answer(204);
  }

  const methods: Record<string, (session: Session, exchange: HttpExchange) => void> = {
    GET: get,
    POST(session, exchange) {
      taken.push(exchange);
      answerSoon();
      receive(session, exchange.body, isText(exchange.header("content-type")));
    },
    DELETE(session, exchange) {
      leave(session);
      exchange.answer(204);
    },
  };

  return {
    answerAll,
    take(exchange) {
      const { method } = exchange;
      exchange.assignRole(method === "GET" ? "down" : "up");
      if (exchange.path === path) {
        if (method === "POST") exchange.answer(201, plain, join());
        else exchange.answer(405, { allow: "POST" });
      } else if (exchange.path.startsWith(path) && exchange.path.lastIndexOf("/") === path.length) {
        if (!Object.hasOwn(methods, method)) return exchange.answer(405, { allow: Object.keys(methods).join(", ") });
        const session = find(exchange.path.slice(path.length + 1));
        if (session) methods[method]!(session, exchange);
        else exchange.answer(404);
      } else exchange.answer(404);
    },
  };
}

/** Whatever else a type says, such as a charset: text is UTF-8 here. */
function isText(contentType = ""): boolean {
  return contentType.toLowerCase().startsWith("text/plain");
}
