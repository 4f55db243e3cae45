import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { planSchedule } from "../../scenarios/workload/schedule.ts";
import { record } from "../../servers/protocols/records.ts";
import { echoPayload, type GeneratorCounts, type GeneratorLoad } from "./generator.ts";

/*
 * A program: a bare client on `node:net`, for an echo server or a polling server. It sends one prepared frame again and
 * again and counts the bytes that come back. It parses no message, measures no time and records nothing. With `data` it
 * reads as most programs do: each read is an event with a buffer of its own. With `onread` all connections read into
 * one buffer, which is the least that Node can do.
 */

interface Protocol {
  /** Request that opens the connection. The client takes the first read after it as the complete response. */
  openingRequest: string;
  frame: Buffer;
  /** Bytes of the response to each frame. Default: as many as the response to the opening request. */
  responseBytes?: number;
}

const [protocolName, reading, json] = process.argv.slice(2);
const { host, port, path, connections, ratePerS, seconds } = JSON.parse(json!) as GeneratorLoad;
const text = Buffer.from(echoPayload);
const request = `GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: keep-alive\r\n\r\n`;
const mask = [1, 2, 3, 4];
const protocols: Record<string, Protocol> = {
  http: { openingRequest: request, frame: Buffer.from(request) },
  tcp: { openingRequest: "", frame: record(text, true), responseBytes: 4 + text.length },
  ws: {
    openingRequest:
      "GET / HTTP/1.1\r\nHost: bare\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    // A final text frame with a length of 16 bits (RFC 6455, section 5.2).
    frame: Buffer.from([
      0x81,
      0x80 | 126,
      text.length >> 8,
      text.length & 255,
      ...mask,
      ...text.map((byte, i) => byte ^ mask[i & 3]!),
    ]),
    responseBytes: 4 + text.length,
  },
};

const { openingRequest, frame, ...protocol } = protocols[protocolName!]!;
let { responseBytes = 0 } = protocol;
const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024);
let receivedBytes = 0;
let stopped = false;

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let opened = openingRequest === "";
    let missingBytes = responseBytes;
    const onBytes = (bytes: number): boolean => {
      if (!opened) {
        opened = true;
        missingBytes = responseBytes ||= bytes;
        resolve(socket);
        return true;
      }
      receivedBytes += bytes;
      missingBytes -= bytes;
      if (missingBytes > 0 || stopped || ratePerS > 0) return true;
      missingBytes = responseBytes;
      socket.write(frame);
      return true;
    };
    const target = { host, port, noDelay: true };
    const socket =
      reading === "onread"
        ? connect({ ...target, onread: { buffer: sharedBuffer, callback: onBytes } })
        : connect(target).on("data", ({ length }) => onBytes(length));
    socket.once("error", reject);
    socket.once("connect", () => (opened ? resolve(socket) : socket.write(openingRequest)));
  });
}

/** Sends all due frames once per millisecond, by the same schedule as our own clients. Returns the number of frames. */
async function sendAtRate(sockets: readonly Socket[]): Promise<number> {
  const senders = sockets.map((_, i) => i);
  const { dueUs, sender } = planSchedule(
    { ratePerS, maxWarmupMs: 0, warmupPauseMs: 0, durationMs: seconds * 1000, seed: 1 },
    senders,
  );
  const startMs = performance.now();
  for (let next = 0; next < dueUs.length; await delay(1)) {
    const nowUs = (performance.now() - startMs) * 1000;
    while (next < dueUs.length && dueUs[next]! <= nowUs) sockets[sender[next++]!]!.write(frame);
  }
  return dueUs.length;
}

const sockets: Socket[] = [];
while (sockets.length < connections) sockets.push(await open());
let sent: number | undefined;
if (ratePerS > 0) sent = await sendAtRate(sockets);
else {
  for (const socket of sockets) socket.write(frame);
  await delay(seconds * 1000);
}
stopped = true;
await delay(500);
const roundTrips = receivedBytes / responseBytes;
const counts: GeneratorCounts = { roundTrips, errors: sent === undefined ? 0 : sent - roundTrips };
process.stdout.write(JSON.stringify(counts), () => process.exit());
