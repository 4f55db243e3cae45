import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { Target } from "../definitions/target.ts";

/** A client of such a server, in the order in which clients enter. */
export interface ChatMember {
  socket: WebSocket;
  room: string;
}

/** What a chat server does besides passing messages on. */
export interface ChatHabits {
  /** Clients beyond so many are answered 503. Default: all are let in. */
  mostClients?: number;
  /** Milliseconds after which a connection without a message is closed. Default: none is. */
  silentMs?: number;
  /** True if a speaker does not hear itself. Default: it does. */
  speakerExcluded?: boolean;
  /** Called with each message's number from 1, its speaker and all members, before it is passed on. */
  hears?(number: number, speaker: ChatMember, members: readonly ChatMember[]): void;
  /** The same after it was passed on. */
  passed?(number: number, speaker: ChatMember, members: readonly ChatMember[]): void;
}

/** A running chat server, as the target of trials. */
export interface ChatTarget {
  target: Target;
  port: number;
  /** Times at which connections were opened, in milliseconds. */
  openedMs: number[];
  close(): Promise<void>;
}

/**
 * A WebSocket chat that is none of ours, with habits, in this process. A client's first message names its room and is
 * returned to it alone; every later one goes to everybody in the room.
 */
export async function startChatTarget(habits: ChatHabits = {}): Promise<ChatTarget> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const members: ChatMember[] = [];
  const openedMs: number[] = [];
  const silences = new Map<WebSocket, NodeJS.Timeout>();
  let heard = 0;

  function send(to: WebSocket, data: Buffer, binary: boolean): void {
    silences.get(to)?.refresh();
    to.send(data, { binary });
  }

  server.on("upgrade", (request, socket, head) => {
    if (sockets.clients.size >= (habits.mostClients ?? Infinity))
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else sockets.handleUpgrade(request, socket, head, serve);
  });

  function serve(socket: WebSocket): void {
    openedMs.push(performance.now());
    if (habits.silentMs !== undefined)
      silences.set(
        socket,
        setTimeout(() => socket.close(), habits.silentMs),
      );
    socket.once("close", () => clearTimeout(silences.get(socket)));
    let member: ChatMember | undefined;
    socket.on("message", (data: Buffer, binary) => {
      silences.get(socket)?.refresh();
      if (member) return say(member, data, binary);
      member = { socket, room: data.toString() };
      members.push(member);
      send(socket, data, binary);
    });
  }

  function say(speaker: ChatMember, data: Buffer, binary: boolean): void {
    const number = ++heard;
    habits.hears?.(number, speaker, members);
    for (const each of members)
      if (each.room === speaker.room && !(habits.speakerExcluded && each === speaker)) send(each.socket, data, binary);
    habits.passed?.(number, speaker, members);
  }

  const port = await listen(server);
  return {
    target: { title: "a chat server", addresses: [{ host: "127.0.0.1", port }] },
    port,
    openedMs,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
