import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../lib/clock.ts";

/** Round trips to take, and how many times more for those that were lost. */
const [roundTrips, rounds] = [20, 20];
/** Bytes of a probe: its number. */
const numberBytes = 4;

/** A socket that sends every datagram back. */
export interface Echo {
  port: number;
  close(): void;
}

/** Opens an echo at a free port of this address. */
export async function openEcho(host: string): Promise<Echo> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { address, port }) => socket.send(bytes, port, address));
  socket.on("error", () => undefined); // the probe finds that nobody answers
  await bound(socket, host);
  return { port: socket.address().port, close: () => void socket.close() };
}

/** A probe of the path to an echo. Plain data: it crosses a process border. */
export interface ProbeRequest {
  /** Address to send from. */
  from: string;
  to: { host: string; port: number };
  /** Time between two probes, so that none waits for another. */
  intervalMs: number;
  /** Time after the last probe in which answers may come. */
  waitMs: number;
}

/** Sends 20 datagrams and those that were lost again. Resolves to the round-trip times in microseconds. */
export async function probePath({ from, to, intervalMs, waitMs }: ProbeRequest): Promise<number[]> {
  const socket = createSocket("udp4");
  await bound(socket, from);
  const sentUs: number[] = [];
  const timesUs = new Map<number, number>();
  socket.on("message", (bytes) => {
    const number = bytes.readUInt32BE();
    if (!timesUs.has(number)) timesUs.set(number, nowUs() - sentUs[number]!);
  });
  socket.on("error", () => undefined);
  for (let round = 0; round < rounds && timesUs.size < roundTrips; round++) {
    for (let missing = roundTrips - timesUs.size; missing > 0; missing--) {
      const probe = Buffer.alloc(numberBytes);
      probe.writeUInt32BE(sentUs.length);
      sentUs.push(nowUs());
      socket.send(probe, to.port, to.host);
      await delay(intervalMs);
    }
    await delay(waitMs);
  }
  socket.close();
  return [...timesUs.values()];
}

async function bound(socket: Socket, address: string): Promise<void> {
  socket.bind(0, address);
  await once(socket, "listening");
}
