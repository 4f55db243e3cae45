import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Bytes, Options, Role, Traffic } from "../../scenarios/contract.ts";

/** A listening server whose raw sockets are known: by role, by bytes, and to the last one at the end. */
export interface Listener {
  addresses: readonly Address[];
  /** Says what a socket is for; until then it counts as duplex. */
  assign(socket: Socket, role: Role): void;
  /** Bytes of all sockets so far. What waits in a socket's queue counts as sent, as its payload does. */
  wire(): Traffic["wire"];
  /** Stops listening, lets sockets flush and end for `graceMs`, then destroys what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Longest accept queue asked of the kernel; Node's 511 overflows when a thousand clients connect at once. */
const backlog = 4096;

/**
 * Listens where `options` say and counts the bytes of every raw socket: below TLS, above TCP. All sockets send at once (TCP_NODELAY).
 * Rejects with one sentence where the address cannot be had.
 */
export async function listen(server: NetServer, options: Options): Promise<Listener> {
  const open = new Map<Socket, Role>();
  const closed: Traffic["wire"] = { up: zero(), down: zero(), duplex: zero() };

  server.on("connection", (socket: Socket) => {
    socket.setNoDelay(true);
    open.set(socket, "duplex");
    socket.once("close", () => {
      addBytes(closed[open.get(socket)!], socket);
      open.delete(socket);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)));
    server.listen({ host: options.host, port: options.port, backlog }, resolve);
  });
  const { address, port } = server.address() as AddressInfo;

  return {
    addresses: [{ host: address, port }],
    assign(socket, role) {
      if (open.has(socket)) open.set(socket, role);
    },
    wire() {
      const total = { up: { ...closed.up }, down: { ...closed.down }, duplex: { ...closed.duplex } };
      for (const [socket, role] of open) addBytes(total[role], socket);
      return total;
    },
    async close(graceMs = 500) {
      const finished = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open.keys()) socket.end();
      const timer = new AbortController();
      const grace = delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([finished, grace]);
      timer.abort();
      for (const socket of open.keys()) socket.destroy();
      await finished;
    },
  };
}

function zero(): Bytes {
  return { in: 0, out: 0 };
}

function addBytes(total: Bytes, socket: Socket): void {
  total.in += socket.bytesRead;
  total.out += socket.bytesWritten;
}

/** One sentence that says of an address that could not be had which it is, why not and what to do. */
export function cannotListen(error: NodeJS.ErrnoException, { host, port }: Options): Error {
  const why =
    error.code === "EADDRINUSE"
      ? "it is in use: stop the other process or take another --port"
      : error.code === "EACCES"
        ? "it is not allowed: take a port above 1023"
        : error.message;
  return new Error(`Cannot listen on ${host}:${port}: ${why}.`, { cause: error });
}
