import { Server as TlsServer } from "node:tls";
import type { Server, Socket } from "node:net";
import type { ByteCounts, Role, Traffic } from "../../../scenarios/contract.ts";

/** A TCP connection of a server, and the socket that the half uses on it. */
export interface TrackedSocket {
  /** The TCP socket. */
  raw: Socket;
  /**
   * The socket that the half reads and writes: the raw one or, under TLS, the one above it, which exists from the end
   * of the handshake.
   */
  plain: Socket | undefined;
  role: Role;
  /** Bytes of its complete exchanges, which have counted for the roles that it had then. */
  settled: ByteCounts;
}

/** The connections of a server. */
export interface SocketTracker {
  /** All that are open. */
  sockets: ReadonlySet<TrackedSocket>;
  /** Finds a connection by the socket that the half uses. */
  find(socket: Socket): TrackedSocket | undefined;
  /**
   * Counts the bytes since the last call for a connection, or since it was opened, for its present role, and returns
   * their sum. A proxy puts exchanges of every role, and of many clients, on one connection.
   */
  settle(tracked: TrackedSocket): number;
  /** Bytes of all connections so far, by role. */
  wireBytes(): Traffic["wire"];
}

/** Tracks the connections of a server from now on. All sockets send at once (TCP_NODELAY). */
export function trackSockets(server: Server): SocketTracker {
  const secure = server instanceof TlsServer;
  const sockets = new Set<TrackedSocket>();
  const byPlainSocket = new WeakMap<Socket, TrackedSocket>();
  /**
   * Connections in a TLS handshake, by the addresses of both ends: nothing else in Node relates the TLS socket to the
   * raw one.
   */
  const handshaking = new Map<string, TrackedSocket>();
  /** What has been settled. */
  const counted: Traffic["wire"] = { up: zero(), down: zero(), duplex: zero() };

  function settle(tracked: TrackedSocket): number {
    const { settled } = tracked;
    const before = settled.in + settled.out;
    addBytes(counted[tracked.role], tracked);
    settled.in = bytesIn(tracked);
    settled.out = bytesOut(tracked);
    return settled.in + settled.out - before;
  }

  server.prependListener("connection", (raw: Socket) => {
    const tracked: TrackedSocket = { raw, plain: secure ? undefined : raw, role: "duplex", settled: zero() };
    const ends = addressesOf(raw);
    raw.setNoDelay(true);
    sockets.add(tracked);
    if (secure) handshaking.set(ends, tracked);
    else byPlainSocket.set(raw, tracked);
    raw.once("close", () => {
      settle(tracked);
      sockets.delete(tracked);
      if (handshaking.get(ends) === tracked) handshaking.delete(ends);
    });
  });
  server.prependListener("secureConnection", (socket: Socket) => {
    const ends = addressesOf(socket);
    const tracked = handshaking.get(ends);
    if (tracked) {
      handshaking.delete(ends);
      tracked.plain = socket;
      byPlainSocket.set(socket, tracked);
    } else socket.destroy(); // the raw socket was reset in the meantime
  });

  return {
    sockets,
    find: (socket) => byPlainSocket.get(socket),
    settle,
    wireBytes() {
      const total = { up: { ...counted.up }, down: { ...counted.down }, duplex: { ...counted.duplex } };
      for (const tracked of sockets) addBytes(total[tracked.role], tracked);
      return total;
    },
  };
}

function addressesOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

function zero(): ByteCounts {
  return { in: 0, out: 0 };
}

/** Adds the bytes of a connection that are not settled. */
function addBytes(total: ByteCounts, tracked: TrackedSocket): void {
  total.in += bytesIn(tracked) - tracked.settled.in;
  total.out += bytesOut(tracked) - tracked.settled.out;
}

const bytesIn = ({ raw }: TrackedSocket): number => raw.bytesRead;

/** Bytes that wait above TLS count without records: what these add is unknown before they are written. */
function bytesOut({ raw, plain }: TrackedSocket): number {
  return raw.bytesWritten + (plain === undefined || plain === raw ? 0 : bytesAboveTls(plain));
}

/**
 * Bytes that were written to a TLS socket and not passed to TLS yet. Node's `bytesWritten` counts these together with
 * the bytes that TLS has, and it has no public name for the latter. TLS passes its bytes to the raw socket at once,
 * except what the kernel did not accept of several writes that were passed on as one.
 */
function bytesAboveTls(socket: Socket & { ["_bytesDispatched"]?: number }): number {
  return socket.bytesWritten - (socket["_bytesDispatched"] ?? socket.bytesWritten);
}
