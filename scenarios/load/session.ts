import type { ConnectionHandler, Connection } from "../contract.ts";
import { errorMessage } from "../lib/errors.ts";

/** Who is told how a visit goes. */
export interface SessionHandler {
  /** The link is ready: the message is to be sent. */
  ready(connection: Connection): void;
  /** A message has come: with the first the visit has what it came for. */
  received(payload: Buffer, text: boolean): void;
  /** Something went wrong, at most once in a visit; without an answer something does. */
  failed(reason: string): void;
  /** The visit is over. */
  ended(): void;
}

/** A visit that is going on. */
export interface Session {
  /** Ends it without an answer, for this reason, unless it has one. */
  abort(reason: string): void;
}

/** Connects, has `course` say its message, waits for the answer for `patienceMs` at most, says goodbye and waits for the link's end. */
export function startSession(
  connect: (handler: ConnectionHandler) => Promise<Connection>,
  course: SessionHandler,
  timeoutMs: number,
): Session {
  let connection: Connection | undefined;
  let state: "waiting" | "answered" | "failed" = "waiting";
  let over = false;
  let patience: NodeJS.Timeout | undefined;

  function fail(reason: string): void {
    if (state === "failed") return;
    state = "failed";
    clearTimeout(patience);
    course.failed(reason);
  }

  function giveUp(reason: string): void {
    if (state !== "waiting") return;
    fail(reason);
    connection?.close();
  }

  function receive(payload: Buffer, text: boolean): void {
    course.received(payload, text);
    if (state !== "waiting") return;
    state = "answered";
    clearTimeout(patience);
    connection?.close();
  }

  function closed(error?: Error): void {
    if (state === "waiting") fail(error?.message ?? "the server closed the link");
    else if (error) fail(`the goodbye failed: ${error.message}`);
    over = true;
    course.ended();
  }

  function opened(ready: Connection): void {
    connection = ready;
    if (over) return;
    if (state === "failed") return ready.close();
    patience = setTimeout(() => giveUp(`no answer in ${timeoutMs} ms`), timeoutMs);
    course.ready(ready);
  }

  connect({ receive, closed }).then(opened, (error: unknown) => {
    if (over) return;
    fail(errorMessage(error));
    course.ended();
  });
  return { abort: giveUp };
}
