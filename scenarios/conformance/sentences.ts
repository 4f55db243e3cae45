import type { Transport } from "../contract.ts";
import { clientSentences } from "./client.ts";
import { hubSentences } from "./hub.ts";
import type { Sentence } from "./kit.ts";

/** The sentences that a transport is held to: all but those that its promises take it out of. */
export function sentencesFor({ promises }: Transport): Sentence[] {
  return [...clientSentences, ...hubSentences].filter(({ holds }) => holds?.(promises) ?? true);
}
