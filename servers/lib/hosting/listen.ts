import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Server as TlsServer } from "node:tls";
import type { Address, Options, Role, Traffic } from "../../../scenarios/contract.ts";
import { trackSockets } from "./connections.ts";
import { tlsServer } from "./tls.ts";

/**
 * A listening server that counts the bytes of its raw sockets by role and can close all of them. Under TLS, its
 * functions take the TLS socket that the half uses, and count the bytes of the raw socket below.
 */
export interface Listener {
  addresses: readonly Address[];
  /** Sets the role of a socket for what is not settled yet. Before that, the socket counts as duplex. */
  assign(socket: Socket, role: Role): void;
  /**
   * To be called when an exchange is complete: its bytes keep the role that the socket has now. Returns the bytes of the
   * socket in both directions since the last call for it, or since it was opened.
   */
  settle(socket: Socket): number;
  /** Bytes of all sockets so far. Bytes in the queue of a socket count as sent, as their payloads do. */
  wireBytes(): Traffic["wire"];
  /** Stops listening, lets sockets flush and end for `graceMs` (default `closeMs`), then destroys those that are left. */
  close(graceMs?: number): Promise<void>;
}

/** Milliseconds that clients have to end their connections when the server stops. */
export const closeMs = 500;

/** Longest accept queue of each address. Node's default of 511 overflows when a thousand clients connect at once. */
const backlog = 4096;

/**
 * Listens at the hosts and port of `options` and counts the bytes of every raw socket: below TLS, above TCP. A TLS
 * server gets its certificate here, and the addresses carry it. Rejects with one sentence when it cannot listen at an
 * address.
 */
export async function listen(server: NetServer, options: Options): Promise<Listener> {
  const places = placesOf(options);
  const hosts = places.map(({ host }) => host);
  const certificate = server instanceof TlsServer ? await tlsServer(server, hosts, options.identity) : undefined;
  const { sockets, find, settle, wireBytes } = trackSockets(server);
  const listeners = hosts.map((_, i) => (i === 0 ? server : additionalListener(server)));
  const close = (): Promise<unknown> =>
    Promise.all(listeners.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))));
  const addresses = await Promise.all(listeners.map((listener, i) => open(listener, places[i]!))).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );

  return {
    addresses: addresses.map((address) => ({ ...address, ...(certificate && { certificate }) })),
    assign(socket, role) {
      const tracked = find(socket);
      if (tracked) tracked.role = role;
    },
    settle(socket) {
      const tracked = find(socket);
      return tracked ? settle(tracked) : 0;
    },
    wireBytes,
    async close(graceMs = closeMs) {
      const finished = close();
      for (const { raw, plain } of sockets) {
        if (plain) plain.end();
        else raw.destroy(); // its TLS handshake is not complete, so nothing was sent on it
      }
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
      await Promise.race([finished, grace]);
      clearTimeout(timer);
      for (const { raw } of sockets) raw.destroy();
      await finished;
    },
  };
}

/** Waits until `done` returns true, for `limitMs` at most. */
export async function waitAtMost(limitMs: number, done: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (!done() && performance.now() < deadlineMs) await delay(5);
}

/** Another listening socket. Its connections go to the server, as if the server had accepted them. */
function additionalListener(server: NetServer): NetServer {
  return createServer({ allowHalfOpen: "allowHalfOpen" in server && server.allowHalfOpen === true }, (socket) =>
    server.emit("connection", socket),
  );
}

/** Where a server is to listen: the hosts and ports of its options. Port 0 takes a free one. */
export function placesOf({
  host,
  port,
  additionalHosts = [],
  additionalPorts = [],
}: Pick<Options, "host" | "port" | "additionalHosts" | "additionalPorts">): { host: string; port: number }[] {
  return [{ host, port }, ...additionalHosts.map((other, i) => ({ host: other, port: additionalPorts[i] ?? port }))];
}

function open(listener: NetServer, { host, port }: { host: string; port: number }): Promise<Address> {
  return new Promise((resolve, reject) => {
    listener.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    listener.listen({ host, port, backlog }, () => {
      const bound = listener.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}

const reasons: Record<string, string> = {
  EADDRINUSE: "it is in use: stop the other process or take another --port",
  EACCES: "it is not allowed: take a port above 1023",
  EADDRNOTAVAIL: "this machine has no such address: take another --host",
  ENOTFOUND: "there is no host of that name: take another --host",
};

/** An error that names the address, the reason and the remedy in one sentence. Its cause is Node's error. */
export function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const why = reasons[error.code ?? ""] ?? error.message;
  return new Error(`Cannot listen on ${host}:${port}: ${why}.`, { cause: error });
}
