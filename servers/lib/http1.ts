import type { IncomingMessage, ServerResponse } from "node:http";
import type { Exchange, Flow, Headers, Http } from "./exchange.ts";
import { httpServer } from "./http.ts";
import { listen, type Listener } from "./listen.ts";

const nothing = Buffer.alloc(0);

/**
 * HTTP/1.1 by `node:http` (RFC 9112). What goes on is chunked: a chunk is built once and written to the socket of every flow as it is, which
 * is sound because nothing else is written there until the flow ends. An asker with HTTP/1.0 knows no chunks and gets 505.
 */
export const http1: Http = {
  framed(bytes) {
    const size = `${bytes.length.toString(16)}\r\n`;
    const chunk = Buffer.allocUnsafe(size.length + bytes.length + 2);
    chunk.write(size, "latin1");
    bytes.copy(chunk, size.length);
    chunk.write("\r\n", size.length + bytes.length, "latin1");
    return chunk;
  },

  async listen(options, keepAliveMs, take) {
    const server = httpServer(options, keepAliveMs, (request, response) => {
      const whole = (body: Buffer): void => take(exchangeOf(request, response, body, listener));
      if (!hasBody(request)) whole(nothing);
      else readBody(request, response, options.maxPayloadBytes, whole);
    });
    const listener = await listen(server, options);
    return listener;
  },
};

/** RFC 9112, section 6.3: a request without either header has no body. */
function hasBody({ headers }: IncomingMessage): boolean {
  return (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
}

/** Hands on the whole body, or answers 413 at the first byte too many and reads no further. */
function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  whole: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const isTooLong = (all: number): boolean => {
    if (all <= maxBytes) return false;
    request.removeAllListeners("data").removeAllListeners("end");
    response.writeHead(413, { connection: "close" }).end();
    return true;
  };
  if (isTooLong(Number(request.headers["content-length"] ?? 0))) return;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (!isTooLong(bytes)) chunks.push(chunk);
  });
  request.on("end", () => whole(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
}

function exchangeOf(request: IncomingMessage, response: ServerResponse, body: Buffer, listener: Listener): Exchange {
  const target = request.url!;
  const mark = target.indexOf("?");
  return {
    method: request.method!,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    body,
    header: (name) => request.headers[name] as string | undefined,
    carries: (role) => listener.assign(request.socket, role),
    answer(status, headers, text) {
      response.writeHead(status, text === undefined ? headers : { ...headers, "content-length": byteLength(text) });
      response.end(text);
    },
    begin: (headers) => begin(request, response, headers),
    onOver: (told) => void response.once("close", told),
  };
}

function byteLength(text: string | Buffer): number {
  return typeof text === "string" ? Buffer.byteLength(text) : text.length;
}

function begin(request: IncomingMessage, response: ServerResponse, headers: Headers): Flow | undefined {
  if (request.httpVersionMinor === 0) {
    response.writeHead(505, { connection: "close" }).end();
    return undefined;
  }
  const { socket } = response;
  if (!socket) {
    // It was sent behind a request that has no answer yet. This one's could only begin after that, and nothing may be written before.
    request.socket.destroy();
    return undefined;
  }
  response.writeHead(200, headers);
  response.flushHeaders();
  return {
    write(framed) {
      if (!socket.writable || response.writableEnded) return false;
      socket.write(framed);
      return true;
    },
    waitingBytes: () => socket.writableLength,
    leftBytes: () => socket.bytesWritten - socket.writableLength,
    end: () => void response.end(),
    drop: () => void socket.destroy(),
  };
}
