import { describe, it } from "vitest";
import { unavailableTransports } from "../definitions/compatibility.ts";
import { runCheck } from "./test-kit.ts";
import { checksFor } from "./checks.ts";
import { loadTransport, withoutTlsSuffix } from "../transports/load-transport.ts";

/** Holds each of these transports of the list to every sentence that it promises to keep: a test each. One that cannot run here says why not. */
export async function defineConformanceTests(names: readonly string[]): Promise<void> {
  const unavailable = await unavailableTransports();
  const subjects = names.map(async (name) => {
    const reason = unavailable.get(withoutTlsSuffix(name) ?? name);
    const title = reason === undefined ? name : `${name} is unavailable: ${reason}`;
    return [title, { name, reason, sentences: checksFor(await loadTransport(name)) }] as const;
  });
  describe.each(await Promise.all(subjects))("%s", (_title, { name, reason, sentences }) => {
    for (const sentence of sentences)
      it.skipIf(reason !== undefined)(sentence.description, () => runCheck(name, sentence), 30_000);
  });
}
