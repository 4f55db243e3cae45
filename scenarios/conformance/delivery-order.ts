import assert from "node:assert/strict";
import { type TestClient } from "./test-kit.ts";
import type { Guarantees } from "../transports/transport.ts";
import { until } from "../lib/until.ts";

/** How long nothing more has come when what was lost is given up. */
const givenUpMs = 200;

/**
 * Waits until a client has as many messages as were sent or, where some may get lost, until no more come; returns them. Throws at once where
 * one comes that is none of them.
 */
export async function firstOrderFault(
  { reliable = true }: Guarantees,
  { received }: TestClient,
  sent: readonly string[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  let sinceMs = performance.now();
  const arrived = (): boolean => {
    for (const { payload } of received.slice(texts.length)) {
      const text = payload.toString();
      if (!sent.includes(text))
        throw new Error(`something has arrived that was never sent: ${JSON.stringify(text.slice(0, 60))}`);
      texts.push(text);
      sinceMs = performance.now();
    }
    return texts.length >= sent.length || (!reliable && texts.length > 0 && performance.now() - sinceMs > givenUpMs);
  };
  await until(arrived, () => `all ${sent.length} messages have arrived: ${texts.length} have`);
  return texts;
}

/** Throws unless `got` is what may become of different messages that were sent: all, in order, once each, but for what is not promised. */
export function assertBurst(
  { reliable = true, ordered = true }: Guarantees,
  got: readonly string[],
  sent: readonly string[],
): void {
  const places = got.map((message) => sent.indexOf(message));
  assert.ok(!places.includes(-1), "something has arrived that was never sent");
  assert.equal(new Set(places).size, got.length, "something has arrived twice");
  if (reliable) assert.equal(got.length, sent.length, `of ${sent.length} messages ${got.length} have arrived`);
  if (ordered)
    assert.ok(
      places.every((place, i) => i === 0 || places[i - 1]! < place),
      "the order has changed",
    );
}
