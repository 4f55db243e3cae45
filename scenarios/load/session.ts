import type { Connection, ConnectionHandler } from "../contract.ts";
import { errorMessage } from "../lib/errors.ts";

/** Callbacks of one session. */
export interface SessionHandler {
  /** The connection is ready: the message is to be sent. */
  ready(connection: Connection): void;
  /** A message has arrived. The first one is the answer, and the session closes its connection. */
  received(payload: Buffer, text: boolean): void;
  /** Something failed. Called at most once; always called in a session without an answer. */
  failed(reason: string): void;
  /** The session has ended. */
  ended(): void;
}

/** A running session. */
export interface Session {
  /** Ends the session with this reason, unless it has its answer. */
  abort(reason: string): void;
}

/**
 * Connects, lets `handler` send its message, waits for the answer for `timeoutMs` at most, closes the connection and
 * waits for its end.
 */
export function startSession(
  connect: (handler: ConnectionHandler) => Promise<Connection>,
  handler: SessionHandler,
  timeoutMs: number,
): Session {
  let connection: Connection | undefined;
  let state: "waiting" | "answered" | "failed" = "waiting";
  let hasEnded = false;
  let timeout: NodeJS.Timeout | undefined;

  function fail(reason: string): void {
    if (state === "failed") return;
    state = "failed";
    clearTimeout(timeout);
    handler.failed(reason);
  }

  function abort(reason: string): void {
    if (state !== "waiting") return;
    fail(reason);
    connection?.close();
  }

  function receive(payload: Buffer, text: boolean): void {
    handler.received(payload, text);
    if (state !== "waiting") return;
    state = "answered";
    clearTimeout(timeout);
    connection?.close();
  }

  function closed(error?: Error): void {
    if (hasEnded) return; // it was ready too late
    if (state === "waiting") fail(error?.message ?? "the server closed the connection");
    else if (error) fail(`the close failed: ${error.message}`);
    hasEnded = true;
    handler.ended();
  }

  function opened(ready: Connection): void {
    connection = ready;
    if (hasEnded) return;
    if (state === "failed") return ready.close();
    timeout = setTimeout(() => abort(`no answer in ${timeoutMs} ms`), timeoutMs);
    handler.ready(ready);
  }

  connect({ receive, closed }).then(opened, (error: unknown) => {
    if (hasEnded) return;
    fail(errorMessage(error));
    hasEnded = true;
    handler.ended();
  });
  return { abort };
}
