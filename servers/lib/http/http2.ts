import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { Options } from "../../../scenarios/contract.ts";
import { httpDate } from "./http-date.ts";
import type { HttpExchange, ResponseStream, HttpVersion } from "./exchange.ts";
import { pagesBefore } from "./pages.ts";
import { closeMs, listen, waitAtMost } from "../hosting/listen.ts";
import { handshakeLimits } from "../hosting/tls.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";
import { http2WindowBytes, http2Settings } from "../../protocols/http2-settings.ts";

const nothing = Buffer.alloc(0);

/**
 * HTTP/2 by `node:http2` (RFC 9113), in clear text by prior knowledge (section 3.3) or over TLS. A client that does not
 * begin with HTTP/2's preface is cut off. One connection carries any number of exchanges at a time, so its role is
 * always duplex.
 *
 * Up to Node 22, the library frees memory that it still uses when a stream or session ends while it reads, or when a
 * session is closed gracefully (nodejs/node issue 64113). So requests are handled after all input of a tick is read,
 * and sessions are destroyed.
 */
export const http2: HttpVersion = {
  frame: (bytes) => bytes,

  async listen(options, keepAliveMs, handleOther) {
    const { tls, handshakeMs, pages } = options;
    const handle = pages ? pagesBefore(pages, handleOther) : handleOther;
    const server = tls
      ? createSecureServer({
          settings: http2Settings,
          unknownProtocolTimeout: handshakeMs,
          ...handshakeLimits(options),
        })
      : createServer({ settings: http2Settings });
    const sessions = new Set<TrackedSession>();
    let exchanges: HttpExchange[] = [];
    const handleSoon = oncePerTick(() => {
      const all = exchanges;
      exchanges = [];
      for (const exchange of all) handle(exchange);
    });

    let accepted: Socket | undefined;
    const acceptEvent = tls ? "secureConnection" : "connection";
    server.prependListener(acceptEvent, (socket: Socket) => (accepted = socket)); // comes just before its session
    server.on("session", (session) => {
      const socket = accepted!;
      const tracked = trackSession(session, socket, handshakeMs, keepAliveMs);
      sessions.add(tracked);
      session.once("close", () => sessions.delete(tracked));
      session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        stream.on("error", () => undefined); // "close" follows
        readBody(stream, options, (body) => {
          exchanges.push(exchangeOf(stream, headers, body, socket));
          handleSoon();
        });
      });
    });

    const listener = await listen(server, options);
    return {
      ...listener,
      async close(graceMs = closeMs) {
        for (const { session } of sessions) if (!session.destroyed) session.goaway();
        await waitAtMost(graceMs, () => [...sessions].every(({ streams }) => streams === 0));
        for (const { session } of sessions) session.destroy();
        await listener.close(graceMs);
      },
    };
  },
};

/** A session and the number of its open streams. */
interface TrackedSession {
  session: ServerHttp2Session;
  streams: number;
}

/**
 * Counts the streams of a session. Ends it when its handshake takes longer than `handshakeMs` or it has no stream for
 * `keepAliveMs`.
 */
function trackSession(
  session: ServerHttp2Session,
  socket: Socket,
  handshakeMs: number,
  keepAliveMs: number,
): TrackedSession {
  const tracked: TrackedSession = { session, streams: 0 };
  const timer = setTimeout(() => socket.destroy(), handshakeMs);
  session.once("remoteSettings", () => clearTimeout(timer));
  session.once("close", () => clearTimeout(timer));
  session.on("error", () => undefined); // the library informs the client and ends the session
  session.on("stream", (stream: ServerHttp2Stream) => {
    tracked.streams++;
    stream.once("close", () => tracked.streams--);
  });
  session.setLocalWindowSize(http2WindowBytes);
  session.setTimeout(keepAliveMs, () => tracked.streams === 0 && session.destroy());
  return tracked;
}

/** Calls `onBody` with the complete body. Refuses a body that is too long or too late. */
function readBody(
  stream: ServerHttp2Stream,
  { handshakeMs, maxPayloadBytes }: Options,
  onBody: (body: Buffer) => void,
): void {
  if (stream.endAfterHeaders) {
    stream.resume();
    return onBody(nothing);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => refuse(408), handshakeMs);
  function refuse(status: 408 | 413): void {
    if (stream.destroyed || stream.headersSent) return;
    stream.respond({ ":status": status, date: httpDate() }, { endStream: true });
    stream.close(); // with NO_ERROR: the client need not send the rest (RFC 9113, section 8.1)
  }
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxPayloadBytes) chunks.push(chunk);
    else setImmediate(() => refuse(413));
  });
  stream.on("end", () => {
    clearTimeout(timer);
    const accepted = bytes <= maxPayloadBytes && !stream.closed && !stream.destroyed; // a cancelled stream ends as well
    if (accepted) onBody(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  });
  stream.on("close", () => clearTimeout(timer));
}

function exchangeOf(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  body: Buffer,
  socket: Socket,
): HttpExchange {
  const target = headers[":path"] ?? "";
  const mark = target.indexOf("?");
  return {
    method: headers[":method"]!,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    body,
    header: (name) => headers[name] as string | undefined,
    assignRole: () => undefined,
    bytes: 0,
    respond(status, fields, text) {
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": status, ...fields, date: httpDate() }, { endStream: text === undefined });
      if (text !== undefined) stream.end(text);
    },
    openStream(fields) {
      if (stream.destroyed || stream.closed) return undefined;
      stream.respond({ ":status": 200, ...fields, date: httpDate() });
      return responseStream(stream, socket);
    },
    onEnd: (listener) => void stream.once("close", listener),
  };
}

function responseStream(stream: ServerHttp2Stream, socket: Socket): ResponseStream {
  let writtenBytes = 0;
  return {
    write(framed) {
      if (!stream.writable) return false;
      stream.write(framed);
      writtenBytes += framed.length;
      return true;
    },
    queuedBytes: () => stream.writableLength,
    sentBytes: () => writtenBytes - stream.writableLength,
    end: () => void stream.end(),
    drop: () => void socket.destroy(), // not the session: it would wait until the client has read everything
  };
}
