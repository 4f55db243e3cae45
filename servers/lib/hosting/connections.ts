import { Server as TlsServer } from "node:tls";
import type { Server, Socket } from "node:net";
import type { ByteCounts, Role, Traffic } from "../../../scenarios/contract.ts";

/** A connection of a server. */
export interface TrackedSocket {
  /** The socket on TCP. */
  raw: Socket;
  /** What a half talks on: the raw socket or, under TLS and from the end of the handshake on, the one above it. */
  top: Socket | undefined;
  role: Role;
  /** Bytes both ways that somebody has been told of. */
  reportedBytes: number;
}

/** The connections of a server. */
export interface SocketTracker {
  present: ReadonlySet<TrackedSocket>;
  /** The connection that a half talks on with this socket. */
  of(socket: Socket): TrackedSocket | undefined;
  /** Bytes of all connections so far, by role. */
  wireBytes(): Traffic["wire"];
}

/** Keeps the connections of a server from now on. All sockets send at once (TCP_NODELAY). */
export function trackSockets(server: Server): SocketTracker {
  const secure = server instanceof TlsServer;
  const present = new Set<TrackedSocket>();
  const known = new WeakMap<Socket, TrackedSocket>();
  /** Those that shake hands, by the addresses of both ends: the only thing that Node tells of a socket and of the one above alike. */
  const greeting = new Map<string, TrackedSocket>();
  const closed: Traffic["wire"] = { up: zero(), down: zero(), duplex: zero() };

  server.prependListener("connection", (raw: Socket) => {
    const connection: TrackedSocket = { raw, top: secure ? undefined : raw, role: "duplex", reportedBytes: 0 };
    const ends = endsOf(raw);
    raw.setNoDelay(true);
    present.add(connection);
    if (secure) greeting.set(ends, connection);
    else known.set(raw, connection);
    raw.once("close", () => {
      addBytes(closed[connection.role], connection);
      present.delete(connection);
      if (greeting.get(ends) === connection) greeting.delete(ends);
    });
  });
  server.prependListener("secureConnection", (socket: Socket) => {
    const ends = endsOf(socket);
    const connection = greeting.get(ends);
    if (connection) {
      greeting.delete(ends);
      connection.top = socket;
      known.set(socket, connection);
    } else socket.destroy(); // it was reset in the meantime
  });

  return {
    present,
    of: (socket) => known.get(socket),
    wireBytes() {
      const total = { up: { ...closed.up }, down: { ...closed.down }, duplex: { ...closed.duplex } };
      for (const connection of present) addBytes(total[connection.role], connection);
      return total;
    },
  };
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

function zero(): ByteCounts {
  return { in: 0, out: 0 };
}

/** Adds the bytes of a connection. What waits above TLS counts as it is: what its records take is not known before it leaves. */
function addBytes(total: ByteCounts, { raw, top }: TrackedSocket): void {
  total.in += raw.bytesRead;
  total.out += raw.bytesWritten + (top === undefined || top === raw ? 0 : waitingBytes(top));
}

/**
 * Bytes that TLS has not been handed yet. Node counts these and those that it has together, and gives the latter no public name; those that
 * it has are with the raw socket at once, but for what the kernel did not take of a backlog that was handed over as one.
 */
function waitingBytes(top: Socket & { ["_bytesDispatched"]?: number }): number {
  return top.bytesWritten - (top["_bytesDispatched"] ?? top.bytesWritten);
}
