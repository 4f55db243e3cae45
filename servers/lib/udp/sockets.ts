import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Address, ByteCounts, Options } from "../../../scenarios/contract.ts";
import { cannotListen, closeMs, placesOf, waitAtMost } from "../hosting/listen.ts";

/** A socket for datagrams, and the bytes of all that passed. */
interface CountedSocket {
  socket: Socket;
  bytes: ByteCounts;
}

/** A remote address and port, and the local socket that it sends to. */
export interface UdpPeer {
  /** Identifies the peer: local socket, remote address and port. */
  key: string;
  socket: CountedSocket;
  address: string;
  port: number;
}

/** The listening UDP sockets of a server, one for each address. */
export interface UdpListener {
  addresses: readonly Address[];
  /** Bytes of datagrams so far, without the headers of IP and UDP. Datagrams that wait to be sent count as sent. */
  wireBytes(): ByteCounts;
  /** Waits up to half a second until queued datagrams are sent, and stops listening. */
  close(): Promise<void>;
}

/** Sends a datagram. If it cannot be sent, it is lost. */
export function sendDatagram(bytes: Buffer, { socket, address, port }: UdpPeer): void {
  socket.bytes.out += bytes.length;
  socket.socket.send(bytes, port, address);
}

/**
 * Listens for datagrams at the hosts and port of `options`. The kernel is asked for a receive buffer of `queueBytes`.
 * Rejects with one sentence when it cannot listen at an address.
 */
export async function listenUdp(
  options: Options,
  onDatagram: (bytes: Buffer, peer: UdpPeer) => void,
): Promise<UdpListener> {
  const places = placesOf(options);
  const listeners = places.map((_, i) => {
    // No name lookup: by default each datagram waits a tick of the event loop for it, even where the name is an
    // address.
    const socket = createSocket({
      type: "udp4",
      recvBufferSize: options.queueBytes,
      lookup: (address, _options, callback) => callback(null, address, 4),
    });
    const listener: CountedSocket = { socket, bytes: { in: 0, out: 0 } };
    socket.on("message", (bytes, { address, port }) => {
      listener.bytes.in += bytes.length;
      onDatagram(bytes, { key: `${i}/${address}:${port}`, socket: listener, address, port });
    });
    return listener;
  });
  const addresses = await Promise.all(
    listeners.map(({ socket }, i) => bind(socket, places[i]!.host, places[i]!.port)),
  ).catch(async (error: unknown) => {
    await Promise.all(listeners.map(({ socket }) => end(socket)));
    throw error;
  });
  return {
    addresses,
    wireBytes: () => ({ in: sum(listeners, "in"), out: sum(listeners, "out") }),
    async close() {
      await waitAtMost(closeMs, () => listeners.every(({ socket }) => socket.getSendQueueCount() === 0));
      await Promise.all(listeners.map(({ socket }) => end(socket)));
    },
  };
}

function bind(socket: Socket, host: string, port: number): Promise<Address> {
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    socket.bind({ port, address: host }, () => {
      socket.removeAllListeners("error").on("error", () => undefined); // a datagram that cannot be sent is lost
      const bound = socket.address();
      resolve({ host: bound.address, port: bound.port, protocol: "udp" });
    });
  });
}

async function end(socket: Socket): Promise<void> {
  const closed = once(socket, "close");
  socket.close();
  await closed;
}

function sum(listeners: readonly CountedSocket[], direction: keyof ByteCounts): number {
  return listeners.reduce((bytes, listener) => bytes + listener.bytes[direction], 0);
}
