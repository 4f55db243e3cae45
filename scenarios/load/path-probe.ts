import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Address } from "../contract.ts";
import { nowUs } from "../lib/clock.ts";

/** Round trips to take, and how many times more for those that were lost. */
const [roundTrips, rounds] = [20, 20];
/** Bytes of a probe: its number. */
const numberBytes = 4;

/** Where an echo listens, and for what. */
export interface EchoRequest {
  host: string;
  protocol: "udp" | "tcp";
}

/** A socket that sends back what it receives. */
export interface Echo {
  address: Address;
  close(): void;
}

/** Opens an echo at a free port. */
export async function openEcho({ host, protocol }: EchoRequest): Promise<Echo> {
  if (protocol === "tcp") {
    const server = createServer({ noDelay: true }, (socket) => socket.on("error", () => undefined).pipe(socket));
    server.listen(0, host);
    await once(server, "listening");
    return { address: { host, port: (server.address() as AddressInfo).port }, close: () => void server.close() };
  }
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { address, port }) => socket.send(bytes, port, address));
  socket.on("error", () => undefined); // the probe finds that nobody answers
  socket.bind(0, host);
  await once(socket, "listening");
  return { address: { host, port: socket.address().port, protocol }, close: () => void socket.close() };
}

/** A probe of the path to an echo. Plain data: it crosses a process border. */
export interface ProbeRequest {
  to: Address;
  /** Time between two probes, so that none waits for another. */
  intervalMs: number;
  /** Time after the last probe in which answers may come. */
  waitMs: number;
}

/** A way to an echo. */
interface ProbeLine {
  send(probe: Buffer): void;
  close(): void;
}

/**
 * Sends 20 probes and those that were lost again: datagrams, or 4 bytes each on a TCP connection. Resolves to the
 * round-trip times in microseconds.
 */
export async function probePath({ to, intervalMs, waitMs }: ProbeRequest): Promise<number[]> {
  const sentUs: number[] = [];
  const timesUs = new Map<number, number>();
  const line = await (to.protocol === "udp" ? openDatagrams : openStream)(to, (number) => {
    if (!timesUs.has(number)) timesUs.set(number, nowUs() - sentUs[number]!);
  });
  for (let round = 0; round < rounds && timesUs.size < roundTrips; round++) {
    for (let missing = roundTrips - timesUs.size; missing > 0; missing--) {
      const probe = Buffer.alloc(numberBytes);
      probe.writeUInt32BE(sentUs.length);
      sentUs.push(nowUs());
      line.send(probe);
      await delay(intervalMs);
    }
    await delay(waitMs);
  }
  line.close();
  return [...timesUs.values()];
}

async function openDatagrams(to: Address, receive: (number: number) => void): Promise<ProbeLine> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => receive(bytes.readUInt32BE()));
  socket.on("error", () => undefined);
  socket.bind({ address: to.localAddress! });
  await once(socket, "listening");
  return { send: (probe) => socket.send(probe, to.port, to.host), close: () => void socket.close() };
}

/** Opens a connection and waits for a first answer on it: the handshake is no part of a round trip. */
async function openStream({ host, port }: Address, receive: (number: number) => void): Promise<ProbeLine> {
  const socket = connect({ host, port, noDelay: true });
  socket.write(Buffer.alloc(numberBytes));
  await once(socket, "readable");
  let waiting: Buffer = Buffer.alloc(0);
  socket.read();
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (; waiting.length >= numberBytes; waiting = waiting.subarray(numberBytes)) receive(waiting.readUInt32BE());
  });
  return { send: (probe) => void socket.write(probe), close: () => void socket.destroy() };
}
