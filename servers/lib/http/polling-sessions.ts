import { batcher, type BatchMessage } from "../../protocols/batch.ts";
import type { HttpExchange } from "./exchange.ts";
import type { ServerConnection } from "../hosting/host.ts";
import { newSessionId } from "./session-id.ts";
import { openMessageQueue, type QueuedBatch, type MessageQueue } from "./message-queue.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";

/** `holdMs`: how long an ask with nothing to answer is held, 0 not at all. `graceMs`: how long a client may go without an ask. */
export interface PollingTimeouts {
  holdMs: number;
  graceMs: number;
}

/** What the server keeps of one polling client. */
export interface PollingSession {
  id: string;
  queue: MessageQueue;
  /** The ask that is not answered yet. */
  held: HttpExchange | undefined;
  /** It is one of those whose asks are answered at the end of this turn. */
  due: boolean;
  /** The server has said goodbye: an ask that finds the mailbox empty is told so. */
  closing: boolean;
  /** Fires when an ask has been held for long enough. Both timers are kept and set anew, which is cheaper than new ones. */
  hold: NodeJS.Timeout | undefined;
  /** Fires when the client has not asked for too long. */
  expiry: NodeJS.Timeout | undefined;
  /** Told when the session is over; undefined until the hub knows of it. */
  connection: ServerConnection | undefined;
}

/** Told of every answer to an ask as soon as it is given; `delivery` undefined where it brought nothing. */
type Answered = (exchange: HttpExchange, delivery: QueuedBatch | undefined) => void;

/** The sessions of a server. */
export interface PollingSessions {
  open(): PollingSession;
  find(id: string): PollingSession | undefined;
  /** A message for a client: it leaves with the next answer. False where no more are taken. */
  put(session: PollingSession, message: BatchMessage): boolean;
  /** An ask: it is answered, or held until there is something to say. An earlier one is answered at once: with the same, or with nothing. */
  ask(session: PollingSession, exchange: HttpExchange): void;
  /** Says goodbye: with the next answer that has no messages. */
  close(session: PollingSession): void;
  /** Ends a session; a held ask is answered 410. */
  end(session: PollingSession): void;
  endAll(): void;
}

/**
 * Keeps sessions. Whatever is to be answered is answered at the end of the turn of the event loop: one response then carries all that came
 * together, and parsing all requests before writing all responses costs a third less than taking turns.
 */
export function openPollingSessions({ holdMs, graceMs }: PollingTimeouts, answered: Answered): PollingSessions {
  const sessions = new Map<string, PollingSession>();
  const batchOf = batcher();
  let due: PollingSession[] = [];
  const soon = oncePerTick(answerAll);

  function answerAll(): void {
    const askers = due;
    due = [];
    for (const session of askers) {
      session.due = false;
      answer(session);
    }
  }

  function answerSoon(session: PollingSession): void {
    if (session.due) return;
    session.due = true;
    due.push(session);
    soon();
  }

  /** Answers the held ask if there is something to say, or no time to wait for it. */
  function answer(session: PollingSession): void {
    if (!session.held) return;
    const delivery = session.queue.take();
    if (delivery) {
      const exchange = release(session)!;
      exchange.answer(200, { "content-type": delivery.type }, delivery.body);
      answered(exchange, delivery);
    } else if (session.closing) {
      answerEmpty(session, 410);
      end(session);
    } else if (holdMs === 0) answerEmpty(session, 204);
  }

  function answerEmpty(session: PollingSession, status: 204 | 410): void {
    const exchange = release(session);
    if (!exchange) return;
    exchange.answer(status);
    answered(exchange, undefined);
  }

  /** Gives the held ask back; from now on the client has its grace to ask again. */
  function release(session: PollingSession): HttpExchange | undefined {
    const { held } = session;
    session.held = undefined;
    session.expiry?.refresh();
    return held;
  }

  function hold(session: PollingSession, exchange: HttpExchange): void {
    if (session.hold) session.hold.refresh();
    else session.hold = setTimeout(() => answerEmpty(session, 204), holdMs);
    exchange.onOver(() => session.held === exchange && release(session));
  }

  function expire(session: PollingSession): void {
    if (session.held) session.expiry?.refresh();
    else end(session);
  }

  function end(session: PollingSession): void {
    if (!sessions.delete(session.id)) return;
    answerEmpty(session, 410);
    clearTimeout(session.expiry);
    clearTimeout(session.hold);
    session.connection?.leave();
  }

  return {
    open() {
      const session: PollingSession = {
        id: newSessionId(),
        queue: openMessageQueue(batchOf),
        held: undefined,
        due: false,
        closing: false,
        hold: undefined,
        expiry: setTimeout(() => expire(session), graceMs),
        connection: undefined,
      };
      sessions.set(session.id, session);
      return session;
    },
    find: (id) => sessions.get(id),
    put(session, message) {
      if (session.closing) return false;
      session.queue.put(message);
      if (session.held) answerSoon(session);
      return true;
    },
    ask(session, exchange) {
      answer(session);
      answerEmpty(session, 204);
      session.held = exchange;
      if (session.queue.bytes() > 0 || session.closing || holdMs === 0) answerSoon(session);
      else hold(session, exchange);
    },
    close(session) {
      session.closing = true;
      answer(session);
    },
    end,
    endAll() {
      answerAll();
      for (const session of sessions.values()) end(session);
    },
  };
}
