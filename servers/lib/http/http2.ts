import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Options } from "../../../scenarios/contract.ts";
import { httpDate } from "./http-date.ts";
import type { HttpExchange, ResponseStream, HttpVersion } from "./exchange.ts";
import { listen } from "../hosting/listen.ts";
import { handshakeLimits } from "../hosting/tls.ts";
import { oncePerTick } from "../hosting/tick-batching.ts";
import { http2WindowBytes, http2Settings } from "../../protocols/http2-settings.ts";

const nothing = Buffer.alloc(0);
/**
 * HTTP/2 by `node:http2` (RFC 9113), in clear text by prior knowledge (section 3.3), or over TLS: who does not begin with HTTP/2's preface is cut off.
 * One connection carries any number of exchanges at once, so that it has no other role than duplex.
 *
 * Nothing that may end a stream or a session is done while the library reads, nor is a session closed in its gentle way: up to Node 22 that
 * frees memory which it still uses (nodejs/node issue 64113). So requests are taken when the turn of the event loop has read all its input.
 */
export const http2: HttpVersion = {
  framed: (bytes) => bytes,

  async listen(options, keepAliveMs, take) {
    const { tls, handshakeMs } = options;
    const server = tls
      ? createSecureServer({
          settings: http2Settings,
          unknownProtocolTimeout: handshakeMs,
          ...handshakeLimits(options),
        })
      : createServer({ settings: http2Settings });
    const sessions = new Set<Kept>();
    let exchanges: HttpExchange[] = [];
    const takeSoon = oncePerTick(() => {
      const all = exchanges;
      exchanges = [];
      for (const exchange of all) take(exchange);
    });

    let accepted: Socket | undefined;
    const begun = tls ? "secureConnection" : "connection";
    server.prependListener(begun, (socket: Socket) => (accepted = socket)); // just before its session begins
    server.on("session", (session) => {
      const socket = accepted!;
      const kept = keep(session, socket, handshakeMs, keepAliveMs);
      sessions.add(kept);
      session.once("close", () => sessions.delete(kept));
      session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        stream.on("error", () => undefined); // whoever has to know is told by "close"
        readBody(stream, options, (body) => {
          exchanges.push(exchangeOf(stream, headers, body, socket));
          takeSoon();
        });
      });
    });

    const listener = await listen(server, options);
    return {
      ...listener,
      async close(graceMs = 500) {
        const end = performance.now() + graceMs;
        for (const { session } of sessions) if (!session.destroyed) session.goaway();
        while ([...sessions].some(({ streams }) => streams > 0) && performance.now() < end) await delay(5);
        for (const { session } of sessions) session.destroy();
        await listener.close(graceMs);
      },
    };
  },
};

/** A session, and how many of its streams are open. */
interface Kept {
  session: ServerHttp2Session;
  streams: number;
}

/** Ends a session that does not begin as it should within `handshakeMs`, or on which nothing is asked for `keepAliveMs`. */
function keep(session: ServerHttp2Session, socket: Socket, handshakeMs: number, keepAliveMs: number): Kept {
  const kept: Kept = { session, streams: 0 };
  const late = setTimeout(() => socket.destroy(), handshakeMs);
  session.once("remoteSettings", () => clearTimeout(late));
  session.once("close", () => clearTimeout(late));
  session.on("error", () => undefined); // the client has been told, and the session ends by itself
  session.on("stream", (stream: ServerHttp2Stream) => {
    kept.streams++;
    stream.once("close", () => kept.streams--);
  });
  session.setLocalWindowSize(http2WindowBytes);
  session.setTimeout(keepAliveMs, () => kept.streams === 0 && session.destroy());
  return kept;
}

/** Hands on the body when it is whole, or refuses one that is too long or too late. */
function readBody(
  stream: ServerHttp2Stream,
  { handshakeMs, maxPayloadBytes }: Options,
  whole: (body: Buffer) => void,
): void {
  if (stream.endAfterHeaders) {
    stream.resume();
    return whole(nothing);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => refuse(408), handshakeMs);
  function refuse(status: 408 | 413): void {
    if (stream.destroyed || stream.headersSent) return;
    stream.respond({ ":status": status, date: httpDate() }, { endStream: true });
    stream.close(); // with NO_ERROR: the rest need not be sent (RFC 9113, section 8.1)
  }
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxPayloadBytes) chunks.push(chunk);
    else setImmediate(() => refuse(413));
  });
  stream.on("end", () => {
    clearTimeout(late);
    const wanted = bytes <= maxPayloadBytes && !stream.closed && !stream.destroyed; // a stream that is given up ends as well
    if (wanted) whole(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  });
  stream.on("close", () => clearTimeout(late));
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
    bytesSince: () => 0,
    answer(status, answers, text) {
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": status, ...answers, date: httpDate() }, { endStream: text === undefined });
      if (text !== undefined) stream.end(text);
    },
    begin(answers) {
      if (stream.destroyed || stream.closed) return undefined;
      stream.respond({ ":status": 200, ...answers, date: httpDate() });
      return flowOf(stream, socket);
    },
    onOver: (told) => void stream.once("close", told),
  };
}

function flowOf(stream: ServerHttp2Stream, socket: Socket): ResponseStream {
  let writtenBytes = 0;
  return {
    write(framed) {
      if (!stream.writable) return false;
      stream.write(framed);
      writtenBytes += framed.length;
      return true;
    },
    waitingBytes: () => stream.writableLength,
    unsentBytes: () => writtenBytes - stream.writableLength,
    end: () => void stream.end(),
    drop: () => void socket.destroy(), // the session would wait for what is not read to be read
  };
}
