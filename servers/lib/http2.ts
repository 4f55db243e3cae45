import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import type { Options } from "../../scenarios/contract.ts";
import { httpDate } from "./dates.ts";
import type { Exchange, Flow, Http } from "./exchange.ts";
import { listen } from "./listen.ts";

/**
 * Bytes that may be under way on a stream, and on a connection, before the other side has to grant more. HTTP/2 begins with 65,535; with
 * this, as browsers have it, nobody ever waits. A grant (13 bytes) goes out for every half of it that was read, and is counted.
 */
export const windowBytes = 8 * 1024 * 1024;

/** What either side asks of the other: its window on every stream, and nothing that was not asked for. */
export const settings = { initialWindowSize: windowBytes, enablePush: false };

/**
 * HTTP/2 by `node:http2` (RFC 9113), in clear text by prior knowledge (section 3.3): who does not begin with HTTP/2's preface is cut off.
 * One connection carries any number of exchanges at once, so that it has no other role than duplex.
 */
export const http2: Http = {
  framed: (bytes) => bytes,

  async listen(options, keepAliveMs, take) {
    const server = createServer({ settings });
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => {
      sessions.add(session);
      keep(session, options.handshakeMs, keepAliveMs);
      session.on("close", () => sessions.delete(session));
      session.on("error", () => undefined); // the client has been told, and the session ends by itself
    });
    server.on("stream", (stream, headers) => {
      stream.on("error", () => undefined); // whoever has to know is told by "close"
      if (stream.endAfterHeaders) take(exchangeOf(stream.resume(), headers, Buffer.alloc(0)));
      else readBody(stream, options, (body) => take(exchangeOf(stream, headers, body)));
    });
    const listener = await listen(server, options);
    return {
      ...listener,
      async close(graceMs = 500) {
        for (const session of sessions) session.close();
        for (const end = performance.now() + graceMs; sessions.size > 0 && performance.now() < end;) await delay(5);
        await listener.close(graceMs);
      },
    };
  },
};

/** Ends a session that does not begin as it should within `handshakeMs`, or on which nothing is asked and said for `keepAliveMs`. */
function keep(session: ServerHttp2Session, handshakeMs: number, keepAliveMs: number): void {
  let streams = 0;
  const late = setTimeout(() => session.destroy(), handshakeMs);
  session.once("remoteSettings", () => clearTimeout(late));
  session.once("close", () => clearTimeout(late));
  session.on("stream", (stream: ServerHttp2Stream) => {
    streams++;
    stream.once("close", () => streams--);
  });
  session.setLocalWindowSize(windowBytes);
  session.setTimeout(keepAliveMs, () => streams === 0 && session.close());
}

/** Hands on the whole body, or refuses one that is too long or too late. */
function readBody(
  stream: ServerHttp2Stream,
  { handshakeMs, maxPayloadBytes }: Options,
  whole: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => refuse(408), handshakeMs);
  function refuse(status: 408 | 413): void {
    clearTimeout(late);
    stream.removeAllListeners("data").removeAllListeners("end").resume();
    if (stream.destroyed) return;
    stream.respond({ ":status": status, date: httpDate() }, { endStream: true });
    stream.close(); // with NO_ERROR: the rest need not be sent (RFC 9113, section 8.1)
  }
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > maxPayloadBytes) refuse(413);
  });
  stream.on("end", () => {
    clearTimeout(late);
    if (!stream.aborted) whole(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  });
  stream.on("close", () => clearTimeout(late));
}

function exchangeOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer): Exchange {
  const target = headers[":path"] ?? "";
  const mark = target.indexOf("?");
  return {
    method: headers[":method"]!,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    body,
    header: (name) => headers[name] as string | undefined,
    carries: () => undefined,
    answer(status, answers, text) {
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": status, ...answers, date: httpDate() }, { endStream: text === undefined });
      if (text !== undefined) stream.end(text);
    },
    begin(answers) {
      if (stream.destroyed || stream.closed) return undefined;
      stream.respond({ ":status": 200, ...answers, date: httpDate() });
      return flowOf(stream);
    },
    onOver: (told) => void stream.once("close", told),
  };
}

function flowOf(stream: ServerHttp2Stream): Flow {
  let writtenBytes = 0;
  return {
    write(framed) {
      if (!stream.writable) return false;
      stream.write(framed);
      writtenBytes += framed.length;
      return true;
    },
    waitingBytes: () => stream.writableLength,
    leftBytes: () => writtenBytes - stream.writableLength,
    end: () => void stream.end(),
    drop: () => stream.session?.destroy(),
  };
}
