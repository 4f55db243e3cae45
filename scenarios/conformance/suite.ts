import { describe, it } from "vitest";
import { clientSentences } from "./client.ts";
import { hubSentences } from "./hub.ts";
import { hold } from "./kit.ts";

/** Holds each of these transports of the list to every sentence: a test each. */
export function holdAll(names: readonly string[]): void {
  describe.each(names)("%s", (name) => {
    for (const sentence of [...clientSentences, ...hubSentences]) it(sentence.says, () => hold(name, sentence), 30_000);
  });
}
