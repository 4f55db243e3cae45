import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Bytes, Options, Role, Traffic } from "../../scenarios/contract.ts";

/** A listening server whose raw sockets are known: by role, by bytes, and to the last one at the end. */
export interface Listener {
  addresses: readonly Address[];
  /** Says what a socket is for; until then it counts as duplex. */
  assign(socket: Socket, role: Role): void;
  /** Bytes that have passed on a socket, both ways, since it was last asked about, or since it was opened. */
  passed(socket: Socket): number;
  /** Bytes of all sockets so far. What waits in a socket's queue counts as sent, as its payload does. */
  wire(): Traffic["wire"];
  /** Stops listening, lets sockets flush and end for `graceMs`, then destroys what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Longest accept queue, of each address, asked of the kernel; Node's 511 overflows when a thousand clients connect at once. */
const backlog = 4096;

/**
 * Listens where `options` say and counts the bytes of every raw socket: below TLS, above TCP. All sockets send at once (TCP_NODELAY).
 * Rejects with one sentence where an address cannot be had.
 */
export async function listen(server: NetServer, options: Options): Promise<Listener> {
  const roles = new Map<Socket, Role>();
  const told = new WeakMap<Socket, number>();
  const closed: Traffic["wire"] = { up: zero(), down: zero(), duplex: zero() };

  server.on("connection", (socket: Socket) => {
    socket.setNoDelay(true);
    roles.set(socket, "duplex");
    socket.once("close", () => {
      addBytes(closed[roles.get(socket)!], socket);
      roles.delete(socket);
    });
  });

  const hosts = [options.host, ...(options.alsoAt ?? [])];
  const doors = hosts.map((_, i) => (i === 0 ? server : doorTo(server)));
  const close = (): Promise<unknown> =>
    Promise.all(doors.map((door) => new Promise<void>((resolve) => door.close(() => resolve()))));
  const addresses = await Promise.all(doors.map((door, i) => open(door, hosts[i]!, options.port))).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );

  return {
    addresses,
    assign(socket, role) {
      if (roles.has(socket)) roles.set(socket, role);
    },
    passed(socket) {
      const before = told.get(socket) ?? 0;
      const now = socket.bytesRead + socket.bytesWritten;
      told.set(socket, now);
      return now - before;
    },
    wire() {
      const total = { up: { ...closed.up }, down: { ...closed.down }, duplex: { ...closed.duplex } };
      for (const [socket, role] of roles) addBytes(total[role], socket);
      return total;
    },
    async close(graceMs = 500) {
      const finished = close();
      for (const socket of roles.keys()) socket.end();
      const timer = new AbortController();
      const grace = delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([finished, grace]);
      timer.abort();
      for (const socket of roles.keys()) socket.destroy();
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

function open(door: NetServer, host: string, port: number): Promise<Address> {
  return new Promise((resolve, reject) => {
    door.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    door.listen({ host, port, backlog }, () => {
      const bound = door.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}

function zero(): Bytes {
  return { in: 0, out: 0 };
}

function addBytes(total: Bytes, socket: Socket): void {
  total.in += socket.bytesRead;
  total.out += socket.bytesWritten;
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
