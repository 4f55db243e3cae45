import { channel } from "node:diagnostics_channel";

/** Sentences about clients and requests that a server has refused. Only `npm run serve` listens. */
export const refusals = channel("transport-bench:refusals");

/** Says whom a server has refused and why, in one sentence. Costs nothing where nobody listens. */
export function reportRefusal(sentence: () => string): void {
  if (refusals.hasSubscribers) refusals.publish(sentence());
}
