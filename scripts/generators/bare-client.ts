import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { planSchedule } from "../../scenarios/workload/schedule.ts";
import { record } from "../../servers/protocols/records.ts";
import { echoPayload, type GeneratorCounts, type GeneratorLoad } from "./generator.ts";

/*
 * A program: a bare client on `node:net`, of an echo or of a server that is asked by HTTP. One frame made beforehand, and bytes counted: it
 * reads no message, measures no time and keeps no account. What arrives comes as `data`, each time in a buffer of its own, as sockets are
 * commonly read; or `onread` puts it into one buffer for all connections, which is the least that Node can do.
 */

interface Speech {
  /** What opens a connection; whatever the answer's first read holds is taken for all of it. */
  greeting: string;
  frame: Buffer;
  /** Bytes that come back for each frame; by default, as many as the greeting's answer has. */
  answerBytes?: number;
}

const [protocol, reading, json] = process.argv.slice(2);
const { host, port, path, connections, ratePerS, seconds } = JSON.parse(json!) as GeneratorLoad;
const text = Buffer.from(echoPayload);
const request = `GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: keep-alive\r\n\r\n`;
const mask = [1, 2, 3, 4];
const speeches: Record<string, Speech> = {
  http: { greeting: request, frame: Buffer.from(request) },
  tcp: { greeting: "", frame: record(text, true), answerBytes: 4 + text.length },
  ws: {
    greeting:
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
    answerBytes: 4 + text.length,
  },
};

const { greeting, frame, ...speech } = speeches[protocol!]!;
let { answerBytes = 0 } = speech;
const received = Buffer.allocUnsafeSlow(64 * 1024);
let receivedBytes = 0;
let over = false;

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let opened = greeting === "";
    let missingBytes = answerBytes;
    const callback = (bytes: number): boolean => {
      if (!opened) {
        opened = true;
        missingBytes = answerBytes ||= bytes;
        resolve(socket);
        return true;
      }
      receivedBytes += bytes;
      missingBytes -= bytes;
      if (missingBytes > 0 || over || ratePerS > 0) return true;
      missingBytes = answerBytes;
      socket.write(frame);
      return true;
    };
    const where = { host, port, noDelay: true };
    const socket =
      reading === "onread"
        ? connect({ ...where, onread: { buffer: received, callback } })
        : connect(where).on("data", ({ length }) => callback(length));
    socket.once("error", reject);
    socket.once("connect", () => (opened ? resolve(socket) : socket.write(greeting)));
  });
}

/** Sends what is due, once a millisecond, by the plan that our own clients follow. */
async function keepRate(sockets: readonly Socket[]): Promise<number> {
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
if (ratePerS > 0) sent = await keepRate(sockets);
else {
  for (const socket of sockets) socket.write(frame);
  await delay(seconds * 1000);
}
over = true;
await delay(500);
const roundTrips = receivedBytes / answerBytes;
const account: GeneratorCounts = { roundTrips, errors: sent === undefined ? 0 : sent - roundTrips };
process.stdout.write(JSON.stringify(account), () => process.exit());
