import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../../scenarios/lib/errors.ts";
import type { EventLog } from "./live-events.ts";

const host = "127.0.0.1";

/** Names of this machine under which a page may ask; any port, since a tunnel may have another one. */
const ownNames = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/** Bytes that may wait for a page. A page that reads more slowly is disconnected; it comes back and is told what it missed. */
const mostWaitingBytes = 8 * 2 ** 20;

/** Pages that may be open at once. */
const mostPages = 64;

/** Milliseconds in which the last events leave, before connections are cut. */
const flushMs = 200;

/** Milliseconds in which a page that has just left may ask for the report. */
const reloadMs = 300;

/** A page at an address of this machine, and the events for those who have it open. */
export interface LiveServer {
  url: string;
  /** Sends frames to every open page. Never waits for one. */
  send(frames: string): void;
  /** From now on the address has this page. */
  replacePage(page: string): void;
  /** Resolves when every open page has loaded the new one or is gone, or `signal` aborts. Takes at most `limitMs`. */
  pagesServed(limitMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  // What a page may load and run is in its own policy, which cannot say this.
  "content-security-policy": "frame-ancestors 'none'",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Listens on 127.0.0.1 at `port`, 0 for a free one, and serves `page` and the events of `log`. Throws a UserError where
 * the port cannot be taken. Tests let fewer bytes wait.
 */
export async function openLiveServer(
  port: number,
  page: string,
  log: EventLog,
  mostBytes = mostWaitingBytes,
): Promise<LiveServer> {
  const streams = new Set<ServerResponse>();
  let [current, loading] = [page, 0];

  function sendPage(response: ServerResponse, withBody: boolean): void {
    loading++;
    response.once("close", () => loading--);
    response.writeHead(200, { ...pageHeaders, "content-length": Buffer.byteLength(current) });
    response.end(withBody ? current : undefined);
  }

  function sendEvents({ headers }: IncomingMessage, response: ServerResponse): void {
    if (streams.size >= mostPages) return refuse(response, 503);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: 1000\n\n${log.since(headers["last-event-id"]?.toString())}`);
    streams.add(response);
    response.once("close", () => streams.delete(response));
  }

  const server = createServer((request, response) => {
    response.on("error", () => undefined); // a page that is gone harms nothing
    const path = request.url?.split("?")[0];
    if (!ownNames.test(request.headers.host ?? "")) refuse(response, 403);
    else if (request.method !== "GET" && request.method !== "HEAD") refuse(response, 405);
    else if (path === "/") sendPage(response, request.method === "GET");
    else if (path === "/events" && request.method === "GET") sendEvents(request, response);
    else refuse(response, 404);
  });
  await listen(server, port);
  server.on("error", () => undefined);

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    send(frames) {
      for (const stream of streams)
        if (stream.writableLength > mostBytes) stream.destroy();
        else stream.write(frames);
    },
    replacePage(next) {
      current = next;
    },
    async pagesServed(limitMs, signal) {
      const endMs = performance.now() + limitMs;
      const isOpen = (): boolean => streams.size > 0 || loading > 0;
      while (isOpen() && performance.now() < endMs && !signal.aborted) {
        while (isOpen() && performance.now() < endMs && !signal.aborted) await delay(50);
        await delay(reloadMs);
      }
    },
    close() {
      for (const stream of streams) stream.end();
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), flushMs).unref();
    },
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": 0 });
  response.end();
}

const remedies: Record<string, string | undefined> = {
  EADDRINUSE: "is in use",
  EACCES: "is not yours to listen at",
};

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const reason = remedies[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    throw new UserError(`Port ${port} of --live ${reason}: name another, or leave it out for a free one.`, {
      cause: error,
    });
  }
}
