import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Address, ByteCounts, Role, Traffic } from "../contract.ts";
import { authority } from "./addresses.ts";

/*
 * Bytes that the clients of this process exchange with servers, for servers that cannot count their own. The payload of
 * TCP is the same at both ends. Each socket counts natively, and is read only when somebody asks: a message costs
 * nothing.
 */

/** Bytes of clients, seen from the server: `in` is what they sent. `pollsAnswered` is 0 if no client counts polls. */
export type ClientBytes = Pick<Traffic, "wire" | "pollsAnswered">;

/** A counter of answered polls, which a polling client raises. */
export type PollCounter = Pick<Traffic, "pollsAnswered">;

/** Native counters of a TCP connection, below TLS. */
interface TcpCounters {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** An open connection: the socket that the client uses, and what counts its bytes. */
interface CountedSocket {
  socket: Socket;
  tcp: TcpCounters;
  role: Role;
}

/** Connections to one address: the open ones, and the bytes of those that have closed. */
interface AddressBytes extends PollCounter {
  open: Set<CountedSocket>;
  closed: Traffic["wire"];
}

const byAddress = new Map<string, AddressBytes>();

function bytesFor(address: Address): AddressBytes {
  const key = address.socketPath ?? authority(address);
  let bytes = byAddress.get(key);
  if (!bytes) byAddress.set(key, (bytes = { open: new Set(), closed: noWireBytes(), pollsAnswered: 0 }));
  return bytes;
}

function noWireBytes(): Traffic["wire"] {
  return { up: { in: 0, out: 0 }, down: { in: 0, out: 0 }, duplex: { in: 0, out: 0 } };
}

/**
 * Counts the bytes of a client's connection to `address`, below TLS, from the first one on. To be called when the
 * connection is open, over TLS after the handshake. Default role: duplex.
 */
export function countSocket(socket: Socket, address: Address, role: Role = "duplex"): void {
  const tcp = tcpBelow(socket);
  if (!tcp) return;
  const { open, closed } = bytesFor(address);
  const counted: CountedSocket = { socket, tcp, role };
  open.add(counted);
  socket.on("close", () => {
    open.delete(counted);
    addBytes(closed, counted);
  });
}

/** The counter of a client's datagrams to and from `address`: the client itself adds their bytes. */
export function datagramBytes(address: Address): ByteCounts {
  return bytesFor(address).closed.duplex;
}

/** The counter of answered polls of the clients of `address`. */
export function pollCounter(address: Address): PollCounter {
  return bytesFor(address);
}

/**
 * Bytes so far of all clients of this process, or of those of one address. Undefined if none of them has counted a
 * socket: its library hides it.
 */
export function clientBytes(address?: Address): ClientBytes | undefined {
  const all = address ? [byAddress.get(address.socketPath ?? authority(address))] : [...byAddress.values()];
  const counted = all.filter((each) => each !== undefined);
  if (counted.length === 0) return undefined;
  const sum = { wire: noWireBytes(), pollsAnswered: 0 };
  for (const { open, closed, pollsAnswered } of counted) {
    sum.pollsAnswered += pollsAnswered;
    for (const role of ["up", "down", "duplex"] as const) {
      sum.wire[role].in += closed[role].in;
      sum.wire[role].out += closed[role].out;
    }
    for (const socket of open) addBytes(sum.wire, socket);
  }
  return sum;
}

/**
 * Adds the bytes of a connection. As at a server, bytes that wait above TLS count without records: what these add is
 * unknown before they are written.
 */
function addBytes(wire: Traffic["wire"], { socket, tcp, role }: CountedSocket): void {
  wire[role].in += tcp.bytesWritten + (tcp === socket ? 0 : bytesAboveTls(socket));
  wire[role].out += tcp.bytesRead;
}

/**
 * What counts the bytes of a socket on TCP. A TLS socket itself counts without handshake and records; the native handle
 * below it counts all bytes, and Node has no public name for that. Undefined in a version of Node without it.
 */
function tcpBelow(socket: Socket): TcpCounters | undefined {
  if (!(socket instanceof TLSSocket)) return socket;
  return (socket as { ["_handle"]?: { ["_parent"]?: TcpCounters } })["_handle"]?.["_parent"];
}

/** Bytes that were written to a TLS socket and not passed to TLS yet. Node has no public name for the latter. */
function bytesAboveTls(socket: Socket & { ["_bytesDispatched"]?: number }): number {
  return socket.bytesWritten - (socket["_bytesDispatched"] ?? socket.bytesWritten);
}
