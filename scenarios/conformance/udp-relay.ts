import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Address } from "../contract.ts";
import type { RawSender, Relay } from "./relay.ts";

/** Largest payload of a UDP datagram over IPv4: 65,535 bytes without the IP header (20) and the UDP header (8). */
const maxDatagramBytes = 65_507;

/** A UDP relay in front of an address. Each client gets a port of its own towards the server. */
export async function openUdpRelay(to: Address): Promise<Relay> {
  const clientSide = createSocket("udp4").bind(0, "127.0.0.1");
  /** The socket towards the server, by the client's port. */
  const serverSide = new Map<number, Socket>();
  let [bytesIn, bytesOut] = [0, 0];

  function socketFor(clientPort: number, clientHost: string): Socket {
    const known = serverSide.get(clientPort);
    if (known) return known;
    const socket = createSocket("udp4");
    serverSide.set(clientPort, socket);
    socket.on("message", (bytes) => {
      bytesOut += bytes.length;
      clientSide.send(bytes, clientPort, clientHost);
    });
    return socket.on("error", () => undefined);
  }

  clientSide.on("message", (bytes, { port, address }) => {
    bytesIn += bytes.length;
    socketFor(port, address).send(bytes, to.port, to.host);
  });
  await once(clientSide, "listening");
  return {
    address: { ...to, host: "127.0.0.1", port: clientSide.address().port },
    in: () => bytesIn,
    out: () => bytesOut,
    connections: () => serverSide.size,
    close() {
      for (const socket of [clientSide, ...serverSide.values()]) socket.close();
    },
  };
}

/** Sends `bytes` in one datagram, cut to the largest size that one can hold. */
export function sendRawDatagram({ host, port }: Address, bytes: Buffer | string): RawSender {
  const socket = createSocket("udp4").on("error", () => undefined);
  socket.send(Buffer.from(bytes as string).subarray(0, maxDatagramBytes), port, host);
  let open = true;
  return {
    leave() {
      if (open) socket.close();
      open = false;
    },
  };
}
