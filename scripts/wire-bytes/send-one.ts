import { isDeepStrictEqual } from "node:util";
import { type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { Traffic } from "../../scenarios/contract.ts";
import { until } from "../../scenarios/lib/until.ts";

/** One message to be weighed: plain text, text that JSON has to escape, or bytes that are no text. */
export interface ProofCase {
  direction: "send" | "delivery";
  kind: "text" | "escapes" | "binary";
  payloadBytes: number;
}

/** Sends a message and resolves when it is there. */
export async function sendOne(message: ProofCase, host: TestServer, client: TestClient): Promise<void> {
  const { direction, kind } = message;
  const payload = casePayload(message);
  const text = kind !== "binary";
  const there = direction === "send" ? host.received : client.received;
  const before = there.length;
  if (direction === "send") client.send(payload, text);
  else host.room.send(payload, text);
  await until(() => there.length > before, `a ${direction} of ${payload.length} bytes arrives`);
}

/**
 * What a server has carried, once that does not change any more. Both halves are in this process: an answer to anything would have
 * come within the turns of the event loop that this watches.
 */
export async function waitForIdleWire(host: TestServer): Promise<Traffic> {
  let last = host.traffic();
  let unchanged = 0;
  await until(() => {
    const now = host.traffic();
    unchanged = isDeepStrictEqual(now, last) ? unchanged + 1 : 0;
    last = now;
    return unchanged === 8;
  }, "nothing moves any more");
  if (!last) throw new Error("the server does not count its bytes");
  return last;
}

/** The message's payload: always the same. */
export function casePayload({ kind, payloadBytes }: ProofCase): Buffer {
  if (kind === "binary") return Buffer.from(Uint8Array.from({ length: payloadBytes }, (_, i) => i));
  const [pattern, rest] = kind === "text" ? ["chat ", "."] : ['"\\\n\u0001é☕', '"'];
  const repeats = Math.floor(payloadBytes / Buffer.byteLength(pattern));
  return Buffer.from(pattern.repeat(repeats) + rest.repeat(payloadBytes - repeats * Buffer.byteLength(pattern)));
}
