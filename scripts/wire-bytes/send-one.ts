import { isDeepStrictEqual } from "node:util";
import { type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { Traffic } from "../../scenarios/contract.ts";
import { until } from "../../scenarios/lib/until.ts";

/**
 * One message to measure. `text`: plain text; `escapes`: text that JSON must escape; `binary`: bytes that are not text.
 */
export interface ProofCase {
  direction: "send" | "delivery";
  kind: "text" | "escapes" | "binary";
  payloadBytes: number;
}

/** Sends one message. Resolves when it has arrived. */
export async function sendOne(message: ProofCase, host: TestServer, client: TestClient): Promise<void> {
  const { direction, kind } = message;
  const payload = casePayload(message);
  const text = kind !== "binary";
  const arrived = direction === "send" ? host.received : client.received;
  const before = arrived.length;
  if (direction === "send") client.send(payload, text);
  else host.room.send(payload, text);
  await until(() => arrived.length > before, `a ${direction} of ${payload.length} bytes arrives`);
}

/** Checks in a row without any new byte after which the wire counts as idle. */
const idleChecks = 8;

/**
 * Traffic of a server once no counter changes any more. Both halves run in this process, so a response to anything
 * arrives before the last check. Throws after ten seconds of traffic.
 */
export async function waitForIdleWire(host: TestServer): Promise<Traffic> {
  const traffic = await waitUntilUnchanged(() => host.traffic());
  if (!traffic) throw new Error("the server does not count its bytes");
  return traffic;
}

/** Resolves to what `read` returns once it returns the same again and again. Throws after ten seconds of changes. */
export async function waitUntilUnchanged<T>(read: () => T): Promise<T> {
  let last = read();
  let unchanged = 0;
  await until(() => {
    const now = read();
    unchanged = isDeepStrictEqual(now, last) ? unchanged + 1 : 0;
    last = now;
    return unchanged === idleChecks;
  }, "the wire is idle");
  return last;
}

/** Payload of a case. The same case always has the same payload. */
export function casePayload({ kind, payloadBytes }: ProofCase): Buffer {
  if (kind === "binary") return Buffer.from(Uint8Array.from({ length: payloadBytes }, (_, i) => i));
  const [pattern, filler] = kind === "text" ? ["chat ", "."] : ['"\\\n\u0001é☕', '"'];
  const repeats = Math.floor(payloadBytes / Buffer.byteLength(pattern));
  return Buffer.from(pattern.repeat(repeats) + filler.repeat(payloadBytes - repeats * Buffer.byteLength(pattern)));
}
