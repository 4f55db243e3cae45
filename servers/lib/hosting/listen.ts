import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Server as TlsServer } from "node:tls";
import type { Address, Options, Role, Traffic } from "../../../scenarios/contract.ts";
import { trackSockets } from "./connections.ts";
import { tlsServer } from "./tls.ts";

/**
 * A listening server whose raw sockets are known: by role, by bytes, and to the last one at the end. Under TLS, a socket that is asked about is
 * the one that a half talks on, and its bytes are those of the raw one below.
 */
export interface Listener {
  addresses: readonly Address[];
  /** Says what a socket is for; until then it counts as duplex. */
  assign(socket: Socket, role: Role): void;
  /** Bytes that have passed on a socket, both ways, since it was last asked about, or since it was opened. */
  bytesSince(socket: Socket): number;
  /** Bytes of all sockets so far. What waits in a socket's queue counts as sent, as its payload does. */
  wireBytes(): Traffic["wire"];
  /** Stops listening, lets sockets flush and end for `graceMs`, then destroys what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Longest accept queue, of each address, asked of the kernel; Node's 511 overflows when a thousand clients connect at once. */
const backlog = 4096;

/**
 * Listens where `options` say and counts the bytes of every raw socket: below TLS, above TCP. All sockets send at once (TCP_NODELAY).
 * A TLS server is given its certificate here, which the addresses then carry. Rejects with one sentence where an address cannot be had.
 */
export async function listen(server: NetServer, options: Options): Promise<Listener> {
  const hosts = [options.host, ...(options.additionalHosts ?? [])];
  const certificate = server instanceof TlsServer ? await tlsServer(server, hosts) : undefined;
  const { present, of, wireBytes } = trackSockets(server);
  const listeners = hosts.map((_, i) => (i === 0 ? server : doorTo(server)));
  const close = (): Promise<unknown> =>
    Promise.all(listeners.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))));
  const addresses = await Promise.all(listeners.map((listener, i) => open(listener, hosts[i]!, options.port))).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );

  return {
    addresses: addresses.map((address) => ({ ...address, ...(certificate && { certificate }) })),
    assign(socket, role) {
      const connection = of(socket);
      if (connection) connection.role = role;
    },
    bytesSince(socket) {
      const connection = of(socket);
      if (!connection) return 0;
      const { raw, reportedBytes } = connection;
      connection.reportedBytes = raw.bytesRead + raw.bytesWritten;
      return connection.reportedBytes - reportedBytes;
    },
    wireBytes,
    async close(graceMs = 500) {
      const finished = close();
      for (const { raw, top } of present) {
        if (top) top.end();
        else raw.destroy(); // in the middle of a handshake nothing was promised
      }
      const timer = new AbortController();
      const grace = delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([finished, grace]);
      timer.abort();
      for (const { raw } of present) raw.destroy();
      await finished;
    },
  };
}

/** Another listening socket whose connections are the server's, as if it had accepted them itself. */
function doorTo(server: NetServer): NetServer {
  return createServer({ allowHalfOpen: "allowHalfOpen" in server && server.allowHalfOpen === true }, (socket) =>
    server.emit("connection", socket),
  );
}

function open(listener: NetServer, host: string, port: number): Promise<Address> {
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

/** One sentence that says of an address that could not be had which it is, why not and what to do. Its cause is Node's error. */
export function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const why = reasons[error.code ?? ""] ?? error.message;
  return new Error(`Cannot listen on ${host}:${port}: ${why}.`, { cause: error });
}
