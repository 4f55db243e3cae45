import type { Transport } from "../contract.ts";
import { appSentences } from "./external-app-checks.ts";
import { clientSentences } from "./client-checks.ts";
import { hubSentences } from "./application-checks.ts";
import type { Sentence } from "./test-kit.ts";
import { serverSentences } from "./robustness-checks.ts";

/** Every sentence, by who can observe what it says. */
export const groups = {
  "What a client can observe": clientSentences,
  "What strangers, and the process around a server, can observe": serverSentences,
  "What only the hub can observe": hubSentences,
  "Of a server that is another program, in place of the hub": appSentences,
} satisfies Record<string, readonly Sentence[]>;

/**
 * The sentences that a transport is held to: all but those that its promises take it out of. Of a server that is another program nobody
 * sees what its hub is told; it has to do what its applications are for instead.
 */
export function sentencesFor({ promises }: Pick<Transport, "promises">): Sentence[] {
  const others = promises.apps === undefined ? hubSentences : appSentences;
  return [...clientSentences, ...others, ...serverSentences].filter(({ holds }) => holds?.(promises) ?? true);
}
