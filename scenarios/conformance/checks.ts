import { externalAppChecks } from "./external-app-checks.ts";
import { clientChecks } from "./client-checks.ts";
import { applicationChecks } from "./application-checks.ts";
import type { Check } from "./test-kit.ts";
import { robustnessChecks } from "./robustness-checks.ts";
import type { Transport } from "../transports/transport.ts";

/** Every sentence, by who can observe what it says. */
export const checkGroups = {
  "What a client can observe": clientChecks,
  "What strangers, and the process around a server, can observe": robustnessChecks,
  "What only the hub can observe": applicationChecks,
  "Of a server that is another program, in place of the hub": externalAppChecks,
} satisfies Record<string, readonly Check[]>;

/**
 * The sentences that a transport is held to: all but those that its promises take it out of. Of a server that is another program nobody
 * sees what its hub is told; it has to do what its applications are for instead.
 */
export function checksFor({ guarantees }: Pick<Transport, "guarantees">): Check[] {
  const others = guarantees.apps === undefined ? applicationChecks : externalAppChecks;
  return [...clientChecks, ...others, ...robustnessChecks].filter(({ holds }) => holds?.(guarantees) ?? true);
}
