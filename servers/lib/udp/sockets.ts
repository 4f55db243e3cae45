import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, ByteCounts, Options } from "../../../scenarios/contract.ts";
import { cannotListen } from "../hosting/listen.ts";

/** A socket that takes datagrams, and the bytes of all that have passed. */
interface CountedSocket {
  socket: Socket;
  bytes: ByteCounts;
}

/** Where datagrams come from and are answered to: an address and port of its own, and the socket that it speaks to. */
export interface UdpPeer {
  /** Tells it from all others. */
  key: string;
  socket: CountedSocket;
  address: string;
  port: number;
}

/** Sockets for datagrams, one for each address that is listened on. */
export interface UdpListener {
  addresses: readonly Address[];
  /** Bytes of datagrams so far, without the headers of IP and UDP. What waits to be sent counts as sent. */
  wireBytes(): ByteCounts;
  /** Sends what waits, for half a second at most, and stops listening. */
  close(): Promise<void>;
}

/** Sends a datagram. What cannot be sent is lost. */
export function sendDatagram(bytes: Buffer, { socket, address, port }: UdpPeer): void {
  socket.bytes.out += bytes.length;
  socket.socket.send(bytes, port, address);
}

/**
 * Listens for datagrams where `options` say. The kernel is asked to keep up to `queueBytes` that arrive and could not be read yet. Rejects with
 * one sentence where an address cannot be had.
 */
export async function listenUdp(
  options: Options,
  receive: (bytes: Buffer, caller: UdpPeer) => void,
): Promise<UdpListener> {
  const hosts = [options.host, ...(options.additionalHosts ?? [])];
  const listeners = hosts.map((_, i) => {
    // An address is sent to as it is: by default each datagram would wait a turn for a name to be looked up.
    const socket = createSocket({
      type: "udp4",
      recvBufferSize: options.queueBytes,
      lookup: (address, _options, callback) => callback(null, address, 4),
    });
    const listener: CountedSocket = { socket, bytes: { in: 0, out: 0 } };
    socket.on("message", (bytes, { address, port }) => {
      listener.bytes.in += bytes.length;
      receive(bytes, { key: `${i}/${address}:${port}`, socket: listener, address, port });
    });
    return listener;
  });
  const addresses = await Promise.all(listeners.map(({ socket }, i) => bind(socket, hosts[i]!, options.port))).catch(
    async (error: unknown) => {
      await Promise.all(listeners.map(({ socket }) => end(socket)));
      throw error;
    },
  );
  return {
    addresses,
    wireBytes: () => ({ in: sum(listeners, "in"), out: sum(listeners, "out") }),
    async close() {
      const enough = performance.now() + 500;
      while (listeners.some(({ socket }) => socket.getSendQueueCount() > 0) && performance.now() < enough)
        await delay(5);
      await Promise.all(listeners.map(({ socket }) => end(socket)));
    },
  };
}

function bind(socket: Socket, host: string, port: number): Promise<Address> {
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    socket.bind({ port, address: host }, () => {
      socket.removeAllListeners("error").on("error", () => undefined); // what could not be sent is lost
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

function sum(listeners: readonly CountedSocket[], way: keyof ByteCounts): number {
  return listeners.reduce((bytes, listener) => bytes + listener.bytes[way], 0);
}
