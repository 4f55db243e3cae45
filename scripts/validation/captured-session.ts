import { setTimeout as delay } from "node:timers/promises";
import { countSegments, streamBytes, type Capture, type CapturedPacket } from "./capture.ts";
import { Kit, type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { ByteCounts, Traffic } from "../../scenarios/contract.ts";
import { sendOne, waitForIdleWire, type ProofCase } from "../wire-bytes/send-one.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { until } from "../../scenarios/lib/until.ts";

/** TCP/IP beneath the messages of one direction. */
export interface TcpOverhead {
  segmentsPerMessage: number;
  headerBytesPerMessage: number;
}

/** One conversation as the server counted it and as a capture saw it. */
export interface CaptureComparison {
  counted: ByteCounts;
  captured: ByteCounts;
  sends: TcpOverhead;
  deliveries: TcpOverhead;
}

/** Longer than the kernel waits for data to go with an acknowledgement (40 ms on Linux), so that each message has its own. */
const pauseMs = 60;

/** So much longer than a pause that each ask of a short poll finds the one message that was pushed since the last. */
const sessionOptions = { pollIntervalMs: 200 };

/**
 * One client's whole life under a capture: it connects, sends `messages`, is sent as many, one at a time, and leaves. `watch` captures the
 * server's port.
 */
export async function captureSession(
  name: string,
  messages: number,
  watch: (port: number) => Promise<Capture>,
): Promise<CaptureComparison> {
  const transport = await loadTransport(name);
  const options = optionsFor(transport, sessionOptions);
  const kit = new Kit(name, transport);
  let capture: Capture | undefined;
  try {
    const host = await kit.serve({}, options);
    const address = host.addresses[0]!;
    capture = await watch(address.port);
    const begin = await capture.mark();
    const client = await kit.connect(address, options);
    const sends = await phase("send", messages, host, client, capture);
    const deliveries = await phase("delivery", messages, host, client, capture);
    client.close();
    await until(() => host.left.length > 0 && client.ended.length > 0, `the client of ${name} has left`);
    const counted = totalBytes(await waitForIdleWire(host));
    const whole = await between(capture, [begin, await capture.mark()]);
    return {
      counted,
      captured: streamBytes(whole),
      sends: tcpOverhead(await between(capture, sends), "in", messages),
      deliveries: tcpOverhead(await between(capture, deliveries), "out", messages),
    };
  } finally {
    await kit.tidy();
    await capture?.stop();
  }
}

/** Carries so many messages one way, from one quiet moment to another; resolves to the marks before and after. */
async function phase(
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

async function between(capture: Capture, [from, to]: [from: number, to: number]): Promise<readonly CapturedPacket[]> {
  return capture.packets.slice(await capture.indexOfMark(from), await capture.indexOfMark(to));
}

function tcpOverhead(packets: readonly CapturedPacket[], direction: keyof ByteCounts, messages: number): TcpOverhead {
  const { segments, headerBytes } = countSegments(packets, direction);
  return { segmentsPerMessage: segments / messages, headerBytesPerMessage: headerBytes / messages };
}

function totalBytes({ wire }: Traffic): ByteCounts {
  const roles = Object.values(wire);
  return {
    in: roles.reduce((sum, role) => sum + role.in, 0),
    out: roles.reduce((sum, role) => sum + role.out, 0),
  };
}
