import assert from "node:assert/strict";
import type { TestClient } from "./test-kit.ts";
import type { Guarantees } from "../transports/transport.ts";
import { until } from "../lib/until.ts";

/** Milliseconds without a further message after which missing messages of an unreliable transport count as lost. */
const lostAfterMs = 200;

/**
 * The messages of a burst that a client receives. Waits until as many have arrived as were sent or, if messages may get
 * lost, until no more arrive. Throws at once if a message arrives that was never sent.
 */
export async function receiveBurst(
  { reliable = true }: Guarantees,
  { received }: TestClient,
  sent: readonly string[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  let lastArrivalMs = performance.now();
  const complete = (): boolean => {
    for (const { payload } of received.slice(texts.length)) {
      const text = payload.toString();
      if (!sent.includes(text))
        throw new Error(`a message arrived that was never sent: ${JSON.stringify(text.slice(0, 60))}`);
      texts.push(text);
      lastArrivalMs = performance.now();
    }
    if (texts.length >= sent.length) return true;
    return !reliable && texts.length > 0 && performance.now() - lastArrivalMs > lostAfterMs;
  };
  await until(complete, () => `all ${sent.length} messages have arrived: ${texts.length} have`);
  return texts;
}

/** Throws unless the distinct messages `sent` arrived as the transport guarantees: completely, in order, once each. */
export function assertBurst(
  { reliable = true, ordered = true }: Guarantees,
  arrived: readonly string[],
  sent: readonly string[],
): void {
  const positions = arrived.map((message) => sent.indexOf(message));
  assert.ok(!positions.includes(-1), "a message arrived that was never sent");
  assert.equal(new Set(positions).size, arrived.length, "a message arrived twice");
  if (reliable) assert.equal(arrived.length, sent.length, `${arrived.length} of ${sent.length} messages arrived`);
  if (ordered)
    assert.ok(
      positions.every((position, i) => i === 0 || positions[i - 1]! < position),
      "the messages arrived in another order",
    );
}
