import type { Socket } from "node:net";
import { fastify, type FastifyReply, type FastifyRequest } from "fastify";
import type { Role } from "../../../scenarios/contract.ts";
import type { HttpExchange, ResponseStream, HttpHeaders, HttpVersion } from "./exchange.ts";
import { httpServer } from "./http-server.ts";
import { listen, type Listener } from "../hosting/listen.ts";

const nothing = Buffer.alloc(0);

/**
 * HTTP/1.1 by `fastify` (RFC 9112). What goes on is chunked: a chunk is built once and written to the socket of every flow as it is, which
 * is sound because nothing else is written there until the flow ends. An asker with HTTP/1.0 knows no chunks and gets 505.
 */
export const http1: HttpVersion = {
  framed(bytes) {
    const size = `${bytes.length.toString(16)}\r\n`;
    const chunk = Buffer.allocUnsafe(size.length + bytes.length + 2);
    chunk.write(size, "latin1");
    bytes.copy(chunk, size.length);
    chunk.write("\r\n", size.length + bytes.length, "latin1");
    return chunk;
  },

  async listen(options, keepAliveMs, take) {
    function answer(request: FastifyRequest, reply: FastifyReply): void {
      // Only a browser names the page's origin, and it lets the page read no answer without this (Fetch standard, section 3.3).
      if (request.headers.origin !== undefined) reply.raw.setHeader("access-control-allow-origin", "*");
      take(new Http1Exchange(request, reply, listener));
    }
    const web = fastify({
      bodyLimit: options.maxPayloadBytes,
      exposeHeadRoutes: false,
      // Also where a path cannot be decoded: that is one that does not exist.
      frameworkErrors: (_error, request, reply) => answer(request, reply as FastifyReply),
      serverFactory: (handler) => httpServer(options, keepAliveMs, handler),
    });
    web.removeAllContentTypeParsers();
    web.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    web.setErrorHandler(({ statusCode = 500 }: { statusCode?: number }, _request, reply) => {
      reply.code(statusCode).header("connection", "close").send();
    });
    web.all("/*", answer);
    web.setNotFoundHandler(answer);
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

/** Of a class: one is made for each request, of which thousands may be held, and functions of its own would be as many objects more. */
class Http1Exchange implements HttpExchange {
  readonly path: string;
  readonly query: string;
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

  bytesSince(): number {
    return this.listener.bytesSince(this.request.raw.socket);
  }

  answer(status: number, headers: HttpHeaders = {}, body?: string | Buffer): void {
    this.reply.code(status).headers(headers).send(body);
  }

  begin(headers: HttpHeaders): ResponseStream | undefined {
    return begin(this.request, this.reply, headers, this.request.raw.socket);
  }

  onOver(told: () => void): void {
    this.reply.raw.on("close", told); // which comes once: to listen for all of them is cheaper than for one
  }
}

function begin(
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
    // It was sent behind a request that has no answer yet. This one's could only begin after that, and nothing may be written before.
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
    waitingBytes: () => socket.writableLength,
    unsentBytes: () => socket.bytesWritten - socket.writableLength,
    end: () => void response.end(),
    drop: () => void socket.destroy(),
  };
}
