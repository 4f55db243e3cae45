import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Socket } from "socket.io";
import type { Role } from "../../../scenarios/contract.ts";
import type { PayloadCounts } from "../hosting/host.ts";

/** What has to be known of Engine.IO where it may poll, and what it does not tell. */
export interface EngineSessions {
  /** Ends every connection of a session at once. */
  destroy(id: string): void;
}

/** A response that was given. */
export interface EngineResponse {
  /** The session it is for; undefined where the request has opened one, or named none. */
  id: string | undefined;
  status: number;
  /** Whether it is to an ask, not to a send. */
  asks: boolean;
  socket: NetSocket;
}

/**
 * Watches the requests and upgrades of a server, once Engine.IO listens to it: a GET asks, a POST sends, an upgrade makes a socket that does
 * both; the query's `sid` says for whom. `answered` is told of each response.
 */
export function trackSessions(
  server: Server,
  assign: (socket: NetSocket, role: Role) => void,
  answered: (answer: EngineResponse) => void,
): EngineSessions {
  const sockets = new Map<string, Set<NetSocket>>();

  function keep(id: string, socket: NetSocket): void {
    const kept = sockets.get(id) ?? new Set();
    sockets.set(id, kept);
    if (kept.has(socket)) return;
    kept.add(socket);
    socket.once("close", () => {
      kept.delete(socket);
      if (kept.size === 0 && sockets.get(id) === kept) sockets.delete(id);
    });
  }

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const polls = request.method === "GET";
    assign(socket, polls ? "down" : "up");
    const id = sessionOf(request);
    if (id !== undefined) keep(id, socket);
    response.once("finish", () => answered({ id, status: response.statusCode, asks: polls, socket }));
  });
  // Where nobody listened, Node would take an upgrade for a plain request: by listening it would become nobody's.
  if (server.listenerCount("upgrade") > 0)
    server.on("upgrade", (request: IncomingMessage, socket: NetSocket) => {
      const id = sessionOf(request);
      if (id !== undefined) keep(id, socket);
    });

  return {
    destroy(id) {
      for (const socket of sockets.get(id) ?? []) socket.destroy();
    },
  };
}

function sessionOf({ url }: IncomingMessage): string | undefined {
  return /[?&]sid=([^&]*)/.exec(url ?? "")?.[1];
}

/** What waits in Engine.IO for a client who may not be asking just now. */
export interface QueuedPackets {
  /** Bytes or characters that wait. */
  queued(): number;
  /** Takes note of a payload that is about to be sent: it is counted out when it leaves. */
  expect(payloadBytes: number): void;
  /** Whether any packet of a message, or the one that joins, has left since this was last asked. */
  brought(): boolean;
}

/** Opens the backlog of a client; payloads are counted in `counts`. */
export function queuedPacketsOf({ conn }: Socket, counts: PayloadCounts): QueuedPackets {
  let [waiting, payloads, payloadBytes] = [0, 0, 0];
  let brought = true; // what joins the client may have left already
  conn.on("packetCreate", ({ data }: { data?: string | Buffer }) => (waiting += data?.length ?? 0));
  conn.on("flush", (packets: { type: string }[]) => {
    brought ||= packets.some(({ type }) => type === "message");
    counts.payloadsOut += payloads;
    counts.payloadBytesOut += payloadBytes;
    [waiting, payloads, payloadBytes] = [0, 0, 0];
  });
  return {
    queued: () => waiting,
    expect(bytes) {
      payloads++;
      payloadBytes += bytes;
    },
    brought() {
      const did = brought;
      brought = false;
      return did;
    },
  };
}
