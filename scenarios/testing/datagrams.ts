import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { serveCalls } from "../system/ipc.ts";

/** Calls of a process that sends numbered datagrams, or sends them back: an observer that the network knows nothing of. */
export interface DatagramCalls {
  /** Sends every datagram back from now on. Answers the port. */
  echo(host: string): Promise<number>;
  /** Sends so many datagrams, one a millisecond at most. Answers the numbers that came back within `waitMs`, in their order. */
  send(request: {
    from: string;
    to: { host: string; port: number };
    count: number;
    waitMs: number;
  }): Promise<{ back: number[]; shortestMs: number }>;
}

serveCalls({
  async echo(host) {
    const socket = createSocket("udp4");
    socket.on("message", (bytes, { address, port }) => {
      socket.send(bytes, port, address);
    });
    socket.bind(0, host);
    await once(socket, "listening");
    return socket.address().port;
  },
  async send({ from, to, count, waitMs }) {
    const socket = createSocket({ type: "udp4", recvBufferSize: 4_000_000 });
    const back: number[] = [];
    const sentMs: number[] = [];
    let shortestMs = Infinity;
    socket.on("message", (bytes) => {
      const number = bytes.readUInt32BE();
      back.push(number);
      shortestMs = Math.min(shortestMs, performance.now() - sentMs[number]!);
    });
    socket.bind(0, from);
    await once(socket, "listening");
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(i);
      sentMs.push(performance.now());
      socket.send(bytes, to.port, to.host);
      await delay(1); // more would not fit into the buffers of sockets while this machine is busy
    }
    await delay(waitMs);
    socket.close();
    return { back, shortestMs };
  },
} satisfies DatagramCalls);
