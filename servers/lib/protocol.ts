import type { Exchange } from "./exchange.ts";

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
export interface Answers<Session> {
  /** Where sessions are, such as "/poll". */
  path: string;
  /** Makes a session and returns its id. */
  join(): string;
  find(id: string): Session | undefined;
  /** Asks for messages: answers the exchange, now or later. */
  get(session: Session, exchange: Exchange): void;
  /** A message of the client's; the exchange is to be answered 204. */
  send(session: Session, exchange: Exchange): void;
  leave(session: Session): void;
}

const plain = { "content-type": "text/plain; charset=utf-8" };

/** Takes each request to what answers it. */
export function route<Session>(answers: Answers<Session>): (exchange: Exchange) => void {
  const { path, join, find } = answers;
  const methods: Record<string, (session: Session, exchange: Exchange) => void> = {
    GET: answers.get,
    POST: answers.send,
    DELETE(session, exchange) {
      exchange.answer(204);
      answers.leave(session);
    },
  };

  return function take(exchange) {
    const { method } = exchange;
    exchange.carries(method === "GET" ? "down" : "up");
    if (exchange.path === path) {
      if (method === "POST") exchange.answer(201, plain, join());
      else exchange.answer(405, { allow: "POST" });
    } else if (exchange.path.startsWith(path) && exchange.path.lastIndexOf("/") === path.length) {
      if (!Object.hasOwn(methods, method)) return exchange.answer(405, { allow: "GET, POST, DELETE" });
      const session = find(exchange.path.slice(path.length + 1));
      if (session) methods[method]!(session, exchange);
      else exchange.answer(404);
    } else exchange.answer(404);
  };
}

/** Whether a body is text: whatever else the type says, such as a charset. */
export function isText(exchange: Exchange): boolean {
  return (exchange.header("content-type") ?? "").toLowerCase().startsWith("text/plain");
}
