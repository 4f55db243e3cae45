import type { Socket } from "node:net";
import { fastify, type FastifyReply, type FastifyRequest } from "fastify";
import type { Role } from "../../../scenarios/contract.ts";
import type { HttpExchange, ResponseStream, HttpHeaders, HttpVersion } from "./exchange.ts";
import { httpServer } from "./http-server.ts";
import { listen, type Listener } from "../hosting/listen.ts";

const nothing = Buffer.alloc(0);

/**
 * HTTP/1.1 by `fastify` (RFC 9112). A stream is a chunked response. Each chunk is built once and written directly to
 * the socket of every stream, which is safe because nothing else is written there until the stream ends. A client with
 * HTTP/1.0 does not know chunks and gets 505.
 */
export const http1: HttpVersion = {
  frame(bytes) {
    const size = `${bytes.length.toString(16)}\r\n`;
    const chunk = Buffer.allocUnsafe(size.length + bytes.length + 2);
    chunk.write(size, "latin1");
    bytes.copy(chunk, size.length);
    chunk.write("\r\n", size.length + bytes.length, "latin1");
    return chunk;
  },

  async listen(options, keepAliveMs, handle) {
    function onRequest(request: FastifyRequest, reply: FastifyReply): void {
      // Only a browser sends `origin`, and without this header it does not let the page read the response (Fetch
      // standard, section 3.3).
      if (request.headers.origin !== undefined) reply.raw.setHeader("access-control-allow-origin", "*");
      handle(new Http1Exchange(request, reply, listener));
    }
    const web = fastify({
      bodyLimit: options.maxPayloadBytes,
      exposeHeadRoutes: false,
      // A path that cannot be decoded is one that does not exist.
      frameworkErrors: (_error, request, reply) => onRequest(request, reply as FastifyReply),
      serverFactory: (handler) => httpServer(options, keepAliveMs, handler),
    });
    web.removeAllContentTypeParsers();
    web.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    web.setErrorHandler(({ statusCode = 500 }: { statusCode?: number }, _request, reply) => {
      reply.code(statusCode).header("connection", "close").send();
    });
    web.all("/*", onRequest);
    web.setNotFoundHandler(onRequest);
    await web.ready();
    const listener = await listen(web.server, options);
    return {
      ...listener,
      async close(graceMs) {
        await listener.close(graceMs);
        await web.close();
      },
    };
  },
};

/**
 * One exchange over HTTP/1.1. A class, because thousands may be held at a time and closures would be as many more
 * objects.
 */
class Http1Exchange implements HttpExchange {
  readonly path: string;
  readonly query: string;
  bytes = 0;
  private readonly request: FastifyRequest;
  private readonly reply: FastifyReply;
  private readonly listener: Listener;

  constructor(request: FastifyRequest, reply: FastifyReply, listener: Listener) {
    const target = request.raw.url!;
    const mark = target.indexOf("?");
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? "" : target.slice(mark + 1);
    this.request = request;
    this.reply = reply;
    this.listener = listener;
  }

  get method(): string {
    return this.request.method;
  }

  get body(): Buffer {
    return (this.request.body as Buffer | undefined) ?? nothing;
  }

  header(name: string): string | undefined {
    return this.request.headers[name] as string | undefined;
  }

  assignRole(role: Exclude<Role, "duplex">): void {
    this.listener.assign(this.request.raw.socket, role);
  }

  respond(status: number, headers: HttpHeaders = {}, body?: string | Buffer): void {
    this.reply.code(status).headers(headers).send(body);
    this.bytes = this.listener.settle(this.request.raw.socket);
  }

  openStream(headers: HttpHeaders): ResponseStream | undefined {
    return openStream(this.request, this.reply, headers, this.request.raw.socket);
  }

  onEnd(listener: () => void): void {
    this.reply.raw.on("close", listener); // "close" comes once, and `on` is cheaper than `once`
  }
}

function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  headers: HttpHeaders,
  socket: Socket,
): ResponseStream | undefined {
  reply.hijack();
  const response = reply.raw;
  if (request.raw.httpVersionMinor === 0) {
    response.writeHead(505, { connection: "close" }).end();
    return undefined;
  }
  if (!response.socket) {
    // The request was pipelined behind one that has no response yet. Its own response could begin only after that one.
    socket.destroy();
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
    queuedBytes: () => socket.writableLength,
    sentBytes: () => socket.bytesWritten - socket.writableLength,
    end: () => void response.end(),
    drop: () => void socket.destroy(),
  };
}
