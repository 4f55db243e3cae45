import assert from "node:assert/strict";
import type { Promises } from "../contract.ts";
import { until, type Client } from "./kit.ts";

/** How long nothing more has come when what was lost is given up. */
const givenUpMs = 200;

/** Waits until a client has so many messages or, where some may get lost, until no more come. */
export async function arrival({ reliable = true }: Promises, client: Client, count: number): Promise<void> {
  let [seen, sinceMs] = [0, performance.now()];
  await until(() => {
    if (client.got.length > seen) [seen, sinceMs] = [client.got.length, performance.now()];
    return seen >= count || (!reliable && seen > 0 && performance.now() - sinceMs > givenUpMs);
  }, `all ${count} messages have arrived`);
}

/** Throws unless `got` is what may become of different messages that were sent: all, in order, once each, but for what is not promised. */
export function assertBurst(
  { reliable = true, ordered = true }: Promises,
  got: readonly string[],
  sent: readonly string[],
): void {
  const places = got.map((message) => sent.indexOf(message));
  assert.ok(!places.includes(-1), "something has arrived that was never sent");
  assert.equal(new Set(places).size, got.length, "something has arrived twice");
  if (reliable) assert.equal(got.length, sent.length, "something is missing");
  if (ordered)
    assert.ok(
      places.every((place, i) => i === 0 || places[i - 1]! < place),
      "the order has changed",
    );
}
