import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Address } from "../contract.ts";
import type { TcpRelay } from "./tcp-relay.ts";

/** A relay of datagrams in front of an address: each client gets a port of its own on the far side. */
export async function openUdpRelay(to: Address): Promise<TcpRelay> {
  const near = createSocket("udp4").bind(0, "127.0.0.1");
  const far = new Map<number, Socket>();
  let [bytesIn, bytesOut] = [0, 0];

  function opposite(port: number, address: string): Socket {
    const known = far.get(port);
    if (known) return known;
    const socket = createSocket("udp4");
    far.set(port, socket);
    socket.on("message", (bytes) => {
      bytesOut += bytes.length;
      near.send(bytes, port, address);
    });
    return socket.on("error", () => undefined);
  }

  near.on("message", (bytes, { port, address }) => {
    bytesIn += bytes.length;
    opposite(port, address).send(bytes, to.port, to.host);
  });
  await once(near, "listening");
  return {
    address: { ...to, host: "127.0.0.1", port: near.address().port },
    in: () => bytesIn,
    out: () => bytesOut,
    connections: () => far.size,
    close() {
      for (const socket of [near, ...far.values()]) socket.close();
    },
  };
}

/** Somebody who sends `bytes` in one datagram, or the most of them that one can hold. */
export function sendRawDatagram({ host, port }: Address, bytes: Buffer | string): { leave(): void } {
  const socket = createSocket("udp4").on("error", () => undefined);
  socket.send(Buffer.from(bytes as string).subarray(0, 65_507), port, host);
  let here = true;
  return {
    leave() {
      if (here) socket.close();
      here = false;
    },
  };
}
