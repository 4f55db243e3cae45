import { describe, it } from "vitest";
import { unavailableHere } from "../definitions/compatibility.ts";
import { loadTransport, withoutSuffix } from "../transports.ts";
import { hold } from "./test-kit.ts";
import { sentencesFor } from "./checks.ts";

/** Holds each of these transports of the list to every sentence that it promises to keep: a test each. One that cannot run here says why not. */
export async function holdAll(names: readonly string[]): Promise<void> {
  const unavailable = await unavailableHere();
  const subjects = names.map(async (name) => {
    const reason = unavailable.get(withoutSuffix(name) ?? name);
    const title = reason === undefined ? name : `${name} is unavailable: ${reason}`;
    return [title, { name, reason, sentences: sentencesFor(await loadTransport(name)) }] as const;
  });
  describe.each(await Promise.all(subjects))("%s", (_title, { name, reason, sentences }) => {
    for (const sentence of sentences)
      it.skipIf(reason !== undefined)(sentence.says, () => hold(name, sentence), 30_000);
  });
}
