import { setTimeout as delay } from "node:timers/promises";
import { countSegments, streamBytes, type Capture, type CapturedPacket } from "./capture.ts";
import { Kit, type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { ByteCounts } from "../../scenarios/contract.ts";
import { sendOne, waitForIdleWire, type ProofCase } from "../wire-bytes/send-one.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { bytesOfAllRoles } from "../../scenarios/lib/traffic-counters.ts";
import { until } from "../../scenarios/lib/until.ts";

/** TCP/IP cost of one message, acknowledgements included. */
export interface TcpOverhead {
  segmentsPerMessage: number;
  headerBytesPerMessage: number;
}

/**
 * Bytes of one session as the server counted them and as the capture shows them, and the TCP/IP cost of its messages.
 */
export interface CaptureComparison {
  counted: ByteCounts;
  captured: ByteCounts;
  sends: TcpOverhead;
  deliveries: TcpOverhead;
}

/**
 * Pause between messages. It is longer than the kernel delays an acknowledgement (40 ms on Linux), so each message has
 * its own.
 */
const pauseMs = 60;

/** Longer than the pause, so that each short poll brings exactly one message. */
const sessionOptions = { pollIntervalMs: 200 };

/**
 * Captures one session: a client connects, sends `messages` messages, receives as many, one at a time, and closes.
 * `startCapture` captures the server's port.
 */
export async function captureSession(
  name: string,
  messages: number,
  startCapture: (port: number) => Promise<Capture>,
): Promise<CaptureComparison> {
  const transport = await loadTransport(name);
  const options = optionsFor(transport, sessionOptions);
  const kit = new Kit(name, transport);
  let capture: Capture | undefined;
  try {
    const host = await kit.serve({}, options);
    const address = host.addresses[0]!;
    capture = await startCapture(address.port);
    const startMark = await capture.mark();
    const client = await kit.connect(address, options);
    const sends = await sendMessages("send", messages, host, client, capture);
    const deliveries = await sendMessages("delivery", messages, host, client, capture);
    client.close();
    await until(() => host.left.length > 0 && client.ended.length > 0, `the client of ${name} has closed`);
    const counted = bytesOfAllRoles(await waitForIdleWire(host));
    const packets = await between(capture, [startMark, await capture.mark()]);
    return {
      counted,
      captured: streamBytes(packets),
      sends: tcpOverhead(await between(capture, sends), "in", messages),
      deliveries: tcpOverhead(await between(capture, deliveries), "out", messages),
    };
  } finally {
    await kit.tidy();
    await capture?.stop();
  }
}

/**
 * Sends messages in one direction while the connection is otherwise idle. Resolves to the marks before and after them.
 */
async function sendMessages(
  direction: ProofCase["direction"],
  messages: number,
  host: TestServer,
  client: TestClient,
  capture: Capture,
): Promise<[from: number, to: number]> {
  await waitForIdleWire(host);
  await delay(pauseMs);
  const from = await capture.mark();
  for (let i = 0; i < messages; i++) {
    await sendOne({ direction, kind: "text", payloadBytes: 92 }, host, client);
    await delay(pauseMs);
  }
  return [from, await capture.mark()];
}

/** Packets between two marks. */
async function between(capture: Capture, [from, to]: [from: number, to: number]): Promise<readonly CapturedPacket[]> {
  return capture.packets.slice(await capture.indexOfMark(from), await capture.indexOfMark(to));
}

function tcpOverhead(packets: readonly CapturedPacket[], direction: keyof ByteCounts, messages: number): TcpOverhead {
  const { segments, headerBytes } = countSegments(packets, direction);
  return { segmentsPerMessage: segments / messages, headerBytesPerMessage: headerBytes / messages };
}
