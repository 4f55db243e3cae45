import type { App, Options, Server } from "../../../scenarios/contract.ts";
import { openReplayBuffer, type ReplayBuffer, type StreamEvent } from "./replay-buffer.ts";
import type { HttpExchange, ResponseStream, HttpVersion } from "./exchange.ts";
import { hostApplication, type ServerConnection } from "../hosting/host.ts";
import { newSessionId } from "./session-id.ts";
import { sessionRoutes } from "./session-routes.ts";
import type { StreamFormat } from "../../protocols/stream-format.ts";

/** Messages that leave together. */
interface EncodedEvents {
  events: readonly StreamEvent[];
  framed: Buffer;
}

/** What the server keeps of one client. */
interface Session {
  id: string;
  backlog: ReplayBuffer;
  /** Its open stream. */
  flow: ResponseStream | undefined;
  /** Bytes that had left for it when a heartbeat last found some waiting. */
  leftBytes: number;
  /** Fires when the client has had no stream for too long. */
  expiry: NodeJS.Timeout;
  /** The server has said goodbye, or will on the next stream. */
  closing: boolean;
  guest: ServerConnection | undefined;
}

/**
 * Hosts the session protocol with a stream for an answer to GET: 200 and a body that goes on. `Last-Event-ID` says what the client has;
 * 409 means that what it lacks is forgotten. A newer stream takes the place of an older one. A client without a stream is gone after
 * `idleMs`, or at once where nothing is kept to go on with. At a heartbeat, whoever has read nothing since the last is dropped, though
 * something waits for it.
 */
export async function serveStreams(
  app: App,
  options: Options,
  http: HttpVersion,
  wording: StreamFormat,
): Promise<Server> {
  const sessions = new Map<string, Session>();
  const head = { "content-type": wording.type, "cache-control": "no-store" };
  let lastId = 0;

  const { counts, join, flush, closeAll } = hostApplication<Session, EncodedEvents>(
    app,
    {
      encode(payload, text) {
        const id = ++lastId;
        const framed = http.framed(wording.encode(payload, text, id));
        return { events: [{ id, framed, payloadBytes: payload.length }], framed };
      },
      join: (all) => ({
        events: all.flatMap(({ events }) => events),
        framed: Buffer.concat(all.map(({ framed }) => framed)),
      }),
      push(session, { events, framed }) {
        if (session.closing) return false;
        if (session.flow?.write(framed))
          for (const event of events) {
            session.backlog.markSent(event);
            countOut(event);
          }
        else for (const event of events) session.backlog.push(event);
        return true;
      },
      queuedBytes: (session) => session.flow?.waitingBytes() ?? session.backlog.waitingBytes(),
      close(session) {
        session.closing = true;
        if (session.flow) sayGoodbye(session.flow);
      },
      drop(session) {
        session.flow?.drop();
        end(session);
      },
      countsOut: true,
    },
    options,
  );

  /** A message leaves that has not left before. */
  function countOut({ payloadBytes }: StreamEvent): void {
    counts.payloadsOut++;
    counts.payloadBytesOut += payloadBytes;
  }

  function say(flow: ResponseStream, words: Buffer): void {
    if (words.length > 0) flow.write(http.framed(words));
  }

  function sayGoodbye(flow: ResponseStream): void {
    say(flow, wording.goodbye);
    flow.end();
  }

  function get(session: Session, exchange: HttpExchange): void {
    const missed = session.backlog.after(idIn(exchange.header("last-event-id")));
    if (!missed) return exchange.answer(409);
    const flow = exchange.begin(head);
    if (!flow) return;
    session.flow?.end();
    session.flow = flow;
    exchange.onOver(() => session.flow === flow && lose(session));
    say(flow, wording.opening);
    for (const { framed } of missed) flow.write(framed);
    for (const event of session.backlog.takeWaiting()) {
      flow.write(event.framed);
      countOut(event);
    }
    if (session.closing) sayGoodbye(flow);
  }

  /** The stream has ended, however. */
  function lose(session: Session): void {
    session.flow = undefined;
    if (session.closing || wording.replayBytes === 0) end(session);
    else session.expiry.refresh();
  }

  function expire(session: Session): void {
    if (session.flow) session.expiry.refresh();
    else end(session);
  }

  function end(session: Session): void {
    if (!sessions.delete(session.id)) return;
    clearTimeout(session.expiry);
    if (session.flow && !session.closing) sayGoodbye(session.flow);
    session.guest?.leave();
  }

  function beat(): void {
    for (const session of sessions.values()) {
      const { flow } = session;
      if (!flow || session.closing) continue;
      if (flow.waitingBytes() === 0) say(flow, wording.heartbeat);
      else if (flow.unsentBytes() === session.leftBytes) {
        flow.drop();
        end(session);
      } else session.leftBytes = flow.unsentBytes();
    }
  }

  const { take, answerAll } = sessionRoutes<Session>({
    path: wording.path,
    join() {
      const session: Session = {
        id: newSessionId(),
        backlog: openReplayBuffer(wording.replayBytes),
        flow: undefined,
        leftBytes: NaN,
        expiry: setTimeout(() => expire(session), options.idleMs),
        closing: false,
        guest: undefined,
      };
      sessions.set(session.id, session);
      session.guest = join(session);
      return session.id;
    },
    find: (id) => sessions.get(id),
    get,
    receive: ({ guest: connection }, payload, text) => connection?.receive(payload, text),
    leave(session) {
      flush();
      end(session);
    },
  });

  const listener = await http.listen(options, options.idleMs + 5_000, take);
  const heartbeat = setInterval(beat, options.heartbeatMs);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      answerAll();
      for (const session of sessions.values()) end(session);
      await listener.close();
    },
  };
}

/** The number in `Last-Event-ID`; undefined where there is no such header, NaN where it is none. */
function idIn(header: string | undefined): number | undefined {
  return header === undefined ? undefined : /^\d{1,15}$/.test(header) ? Number(header) : NaN;
}
