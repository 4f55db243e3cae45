import { batcher, type BatchMessage } from "../../protocols/batch.ts";
import type { HttpExchange } from "./exchange.ts";
import type { ServerConnection } from "../hosting/host.ts";
import { newSessionId } from "./session-id.ts";
import { openMessageQueue, type QueuedBatch, type MessageQueue } from "./message-queue.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";

/** Time-outs of polling, in milliseconds. */
export interface PollingTimeouts {
  /** Longest time for which a poll is held while there is no message. 0: the server responds at once. */
  holdMs: number;
  /** Longest time without a poll before the session of a client ends. */
  graceMs: number;
}

/** One polling client of a server. */
export interface PollingSession {
  id: string;
  queue: MessageQueue;
  /** The poll that has no response yet. */
  heldPoll: HttpExchange | undefined;
  /** Its poll gets a response at the end of this tick. */
  responseDue: boolean;
  /** The application has closed the connection. The next poll that finds no message gets 410. */
  closing: boolean;
  /** Ends the hold of a poll. Both timers are refreshed, which is cheaper than new ones. */
  holdTimer: NodeJS.Timeout | undefined;
  /** Ends the session when the client has not polled for `graceMs`. */
  expiryTimer: NodeJS.Timeout | undefined;
  /** Undefined until the client has joined the application. */
  connection: ServerConnection | undefined;
}

/** Called with every response to a poll as soon as it is sent; `delivery` is undefined where it carries no message. */
type ResponseListener = (exchange: HttpExchange, delivery: QueuedBatch | undefined) => void;

/** The sessions of a polling server. */
export interface PollingSessions {
  open(): PollingSession;
  find(id: string): PollingSession | undefined;
  /** Queues a message for the next response. Returns false where the session is closing. */
  put(session: PollingSession, message: BatchMessage): boolean;
  /**
   * Responds to a poll, or holds it until there is a message, where it may be held (the default). An earlier poll that is
   * still held gets its response at once.
   */
  poll(session: PollingSession, exchange: HttpExchange, mayHold?: boolean): void;
  /** Closes a session: the next poll that finds no message gets 410. */
  close(session: PollingSession): void;
  /** Ends a session at once. A held poll gets 410. */
  end(session: PollingSession): void;
  endAll(): void;
}

/**
 * Opens a set of sessions. Responses are sent at the end of the tick of the event loop. So one response carries all
 * messages of a tick, and to parse all requests before writing all responses costs a third less than to alternate.
 */
export function openPollingSessions(
  { holdMs, graceMs }: PollingTimeouts,
  onResponse: ResponseListener,
): PollingSessions {
  const sessions = new Map<string, PollingSession>();
  const batchOf = batcher();
  let due: PollingSession[] = [];
  const respondAtTickEnd = oncePerTick(respondAll);

  function respondAll(): void {
    const all = due;
    due = [];
    for (const session of all) {
      session.responseDue = false;
      respond(session);
    }
  }

  function respondSoon(session: PollingSession): void {
    if (session.responseDue) return;
    session.responseDue = true;
    due.push(session);
    respondAtTickEnd();
  }

  /** Responds to the held poll where there is a message, the session is closing or nothing is held. */
  function respond(session: PollingSession): void {
    if (!session.heldPoll) return;
    const delivery = session.queue.take();
    if (delivery) {
      const exchange = release(session)!;
      exchange.respond(200, { "content-type": delivery.type }, delivery.body);
      onResponse(exchange, delivery);
    } else if (session.closing) {
      respondEmpty(session, 410);
      end(session);
    } else if (holdMs === 0) respondEmpty(session, 204);
  }

  function respondEmpty(session: PollingSession, status: 204 | 410): void {
    const exchange = release(session);
    if (!exchange) return;
    exchange.respond(status);
    onResponse(exchange, undefined);
  }

  /** Takes the held poll out of the session. From now on the client has `graceMs` for its next poll. */
  function release(session: PollingSession): HttpExchange | undefined {
    const { heldPoll } = session;
    session.heldPoll = undefined;
    session.expiryTimer?.refresh();
    return heldPoll;
  }

  function hold(session: PollingSession, exchange: HttpExchange): void {
    if (session.holdTimer) session.holdTimer.refresh();
    else session.holdTimer = setTimeout(() => respondEmpty(session, 204), holdMs);
    exchange.onEnd(() => session.heldPoll === exchange && release(session));
  }

  function expire(session: PollingSession): void {
    if (session.heldPoll) session.expiryTimer?.refresh();
    else end(session);
  }

  function end(session: PollingSession): void {
    if (!sessions.delete(session.id)) return;
    respondEmpty(session, 410);
    clearTimeout(session.expiryTimer);
    clearTimeout(session.holdTimer);
    session.connection?.leave();
  }

  return {
    open() {
      const session: PollingSession = {
        id: newSessionId(),
        queue: openMessageQueue(batchOf),
        heldPoll: undefined,
        responseDue: false,
        closing: false,
        holdTimer: undefined,
        expiryTimer: setTimeout(() => expire(session), graceMs),
        connection: undefined,
      };
      sessions.set(session.id, session);
      return session;
    },
    find: (id) => sessions.get(id),
    put(session, message) {
      if (session.closing) return false;
      session.queue.put(message);
      if (session.heldPoll) respondSoon(session);
      return true;
    },
    poll(session, exchange, mayHold = true) {
      respond(session);
      respondEmpty(session, 204);
      session.heldPoll = exchange;
      if (!mayHold) {
        respond(session);
        respondEmpty(session, 204);
      } else if (session.queue.bytes() > 0 || session.closing || holdMs === 0) respondSoon(session);
      else hold(session, exchange);
    },
    close(session) {
      session.closing = true;
      respond(session);
    },
    end,
    endAll() {
      respondAll();
      for (const session of sessions.values()) end(session);
    },
  };
}
