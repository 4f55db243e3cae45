import { refuse } from "./refusals.ts";
import type { App, Options } from "../../../scenarios/contract.ts";
import type { StreamFormat } from "../../protocols/stream-format.ts";
import type { Carrier } from "../hosting/carrier.ts";
import { hostApplication, type ApplicationHost, type ServerConnection } from "../hosting/host.ts";
import type { HttpExchange, HttpVersion, ResponseStream } from "./exchange.ts";
import { openReplayBuffer, type ReplayBuffer, type StreamEvent } from "./replay-buffer.ts";
import { newSessionId } from "./session-id.ts";

/** Messages that leave together: each for the replay buffer, and all of them as one buffer for the stream. */
export interface EncodedEvents {
  events: readonly StreamEvent[];
  framed: Buffer;
}

/** One client of a streaming server. */
export interface StreamSession {
  id: string;
  replay: ReplayBuffer;
  /** The open response that carries its messages. */
  stream: ResponseStream | undefined;
  /** `sentBytes` of the stream at the last heartbeat that found bytes waiting. */
  sentBytesAtHeartbeat: number;
  /** Ends the session when the client has had no stream for `idleMs`. */
  expiryTimer: NodeJS.Timeout;
  /** The application has closed the connection. The client learns it on its stream, or on the next one. */
  closing: boolean;
  connection: ServerConnection | undefined;
}

/**
 * The sessions of a streaming server: the carrier of its application. A session outlives its stream for `idleMs` where
 * messages can be replayed, and otherwise ends with it.
 */
export class StreamSessions implements Carrier<StreamSession, EncodedEvents> {
  readonly countsPayloadsOut = true;
  readonly host: ApplicationHost<StreamSession>;
  private readonly http: HttpVersion;
  private readonly format: StreamFormat;
  private readonly idleMs: number;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly sessions = new Map<string, StreamSession>();
  private lastId = 0;

  constructor(app: App, options: Options, http: HttpVersion, format: StreamFormat) {
    this.http = http;
    this.format = format;
    this.idleMs = options.idleMs;
    this.headers = { "content-type": format.contentType, "cache-control": "no-store" };
    this.host = hostApplication(app, this, options);
  }

  encode(payload: Buffer, text: boolean): EncodedEvents {
    const id = ++this.lastId;
    const framed = this.http.frame(this.format.encode(payload, text, id));
    return { events: [{ id, framed, payloadBytes: payload.length }], framed };
  }

  concat(all: EncodedEvents[]): EncodedEvents {
    return {
      events: all.flatMap(({ events }) => events),
      framed: Buffer.concat(all.map(({ framed }) => framed)),
    };
  }

  push(session: StreamSession, { events, framed }: EncodedEvents): boolean {
    if (session.closing) return false;
    if (session.stream?.write(framed))
      for (const event of events) {
        session.replay.markSent(event);
        this.countOut(event);
      }
    else for (const event of events) session.replay.queue(event);
    return true;
  }

  queuedBytes(session: StreamSession): number {
    return session.stream?.queuedBytes() ?? session.replay.queuedBytes();
  }

  close(session: StreamSession): void {
    session.closing = true;
    if (session.stream) this.closeStream(session.stream);
  }

  drop(session: StreamSession): void {
    session.stream?.drop();
    this.end(session);
  }

  /** Adds a client, which has no stream yet. */
  open(): StreamSession {
    const session: StreamSession = {
      id: newSessionId(),
      replay: openReplayBuffer(this.format.replayBytes),
      stream: undefined,
      sentBytesAtHeartbeat: NaN,
      expiryTimer: setTimeout(() => this.expire(session), this.idleMs),
      closing: false,
      connection: undefined,
    };
    this.sessions.set(session.id, session);
    session.connection = this.host.join(session);
    return session;
  }

  find(id: string): StreamSession | undefined {
    return this.sessions.get(id);
  }

  /**
   * Responds to a GET with a stream, which replaces an older one, or with 409 where it cannot replay all that the
   * client lacks.
   */
  openStream(session: StreamSession, exchange: HttpExchange): void {
    const missed = session.replay.after(eventIdIn(exchange.header("last-event-id")));
    if (!missed)
      return refuse(exchange, 409, "The messages after this Last-Event-ID are not kept any more: open a new session.");
    const stream = exchange.openStream(this.headers);
    if (!stream) return;
    session.stream?.end();
    session.stream = stream;
    exchange.onEnd(() => session.stream === stream && this.streamEnded(session));
    this.write(stream, this.format.preamble);
    for (const { framed } of missed) stream.write(framed);
    for (const event of session.replay.takeQueued()) {
      stream.write(event.framed);
      this.countOut(event);
    }
    if (session.closing) this.closeStream(stream);
  }

  /** Ends a session, and closes its stream. */
  end(session: StreamSession): void {
    if (!this.sessions.delete(session.id)) return;
    clearTimeout(session.expiryTimer);
    if (session.stream && !session.closing) this.closeStream(session.stream);
    session.connection?.leave();
  }

  endAll(): void {
    for (const session of this.sessions.values()) this.end(session);
  }

  /**
   * Sends a heartbeat on every idle stream. Drops a client that has read nothing since the last heartbeat although
   * bytes wait for it.
   */
  heartbeat(): void {
    for (const session of this.sessions.values()) {
      const { stream } = session;
      if (!stream || session.closing) continue;
      if (stream.queuedBytes() === 0) this.write(stream, this.format.heartbeat);
      else if (stream.sentBytes() === session.sentBytesAtHeartbeat) this.drop(session);
      else session.sentBytesAtHeartbeat = stream.sentBytes();
    }
  }

  private streamEnded(session: StreamSession): void {
    session.stream = undefined;
    if (session.closing || this.format.replayBytes === 0) this.end(session);
    else session.expiryTimer.refresh();
  }

  private expire(session: StreamSession): void {
    if (session.stream) session.expiryTimer.refresh();
    else this.end(session);
  }

  private closeStream(stream: ResponseStream): void {
    this.write(stream, this.format.closing);
    stream.end();
  }

  private write(stream: ResponseStream, bytes: Buffer): void {
    if (bytes.length > 0) stream.write(this.http.frame(bytes));
  }

  /** Counts a message that leaves for the first time. */
  private countOut({ payloadBytes }: StreamEvent): void {
    const { counts } = this.host;
    counts.payloadsOut++;
    counts.payloadBytesOut += payloadBytes;
  }
}

/** The number in `Last-Event-ID`: undefined without the header, NaN where the header is not a number. */
function eventIdIn(header: string | undefined): number | undefined {
  return header === undefined ? undefined : /^\d{1,15}$/.test(header) ? Number(header) : NaN;
}
