import { describe, it } from "vitest";
import { unavailableTransports } from "../definitions/compatibility.ts";
import { loadTransport, withoutTlsSuffix } from "../transports/load-transport.ts";
import { CheckSkipped, runCheck } from "./check.ts";
import { checksFor } from "./checks.ts";

/** Defines a test for each check of these transports. The tests of a transport that cannot run here are skipped. */
export async function defineConformanceTests(names: readonly string[]): Promise<void> {
  const unavailable = await unavailableTransports();
  const subjects = names.map(async (name) => {
    const reason = unavailable.get(withoutTlsSuffix(name) ?? name);
    const title = reason === undefined ? name : `${name} is unavailable: ${reason}`;
    return [title, { name, reason, checks: checksFor(await loadTransport(name)) }] as const;
  });
  describe.each(await Promise.all(subjects))("%s", (_title, { name, reason, checks }) => {
    for (const check of checks)
      it.skipIf(reason !== undefined)(
        `${check.id}: ${check.description}`,
        async (context) => {
          await runCheck(name, check).catch((error: unknown) => {
            if (error instanceof CheckSkipped) context.skip(error.message);
            throw error;
          });
        },
        30_000,
      );
  });
}
