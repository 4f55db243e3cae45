import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket as NetSocket } from "node:net";
import type { Role } from "../../../scenarios/contract.ts";

/** The connections of Engine.IO's sessions, which Engine.IO itself does not expose. */
export interface EngineSessions {
  /** Destroys every connection of a session at once. */
  destroy(id: string): void;
}

/** A response that was sent. */
export interface EngineResponse {
  /** The session; undefined where the request opened one or named none. */
  id: string | undefined;
  status: number;
  /** True if the request was a poll, not a send. */
  isPoll: boolean;
  socket: NetSocket;
}

/**
 * Tracks the requests and upgrades of a server. To be called after Engine.IO listens to it. A GET is a poll, a POST is
 * a send, and the socket of an upgrade does both. The query's `sid` names the session. `onResponse` is called with each
 * response.
 */
export function trackEngineSessions(
  server: Server,
  assign: (socket: NetSocket, role: Role) => void,
  onResponse: (response: EngineResponse) => void,
): EngineSessions {
  const socketsBySession = new Map<string, Set<NetSocket>>();

  function track(id: string, socket: NetSocket): void {
    const sockets = socketsBySession.get(id) ?? new Set();
    socketsBySession.set(id, sockets);
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0 && socketsBySession.get(id) === sockets) socketsBySession.delete(id);
    });
  }

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const isPoll = request.method === "GET";
    assign(socket, isPoll ? "down" : "up");
    const id = sessionOf(request);
    if (id !== undefined) track(id, socket);
    response.once("finish", () => onResponse({ id, status: response.statusCode, isPoll, socket }));
  });
  // Only where Engine.IO itself upgrades: without a listener Node handles an upgrade as a plain request, and a listener
  // would change that.
  if (server.listenerCount("upgrade") > 0)
    server.on("upgrade", (request: IncomingMessage, socket: NetSocket) => {
      assign(socket, "duplex"); // a proxy may have used the connection for polls
      const id = sessionOf(request);
      if (id !== undefined) track(id, socket);
    });

  return {
    destroy(id) {
      for (const socket of socketsBySession.get(id) ?? []) socket.destroy();
    },
  };
}

function sessionOf({ url }: IncomingMessage): string | undefined {
  return /[?&]sid=([^&]*)/.exec(url ?? "")?.[1];
}
