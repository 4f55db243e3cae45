import { outliveOutput } from "../lib/closed-output.ts";
import { UserError } from "../lib/errors.ts";
import { loadTransport } from "../transports/load-transport.ts";
import { CheckSkipped, runCheck } from "./check.ts";
import { checksFor } from "./checks.ts";
import { failureText } from "./failure-text.ts";

/** The first message to this process: checks to run, by id, one after another, until one fails. */
export interface CheckTask {
  transport: string;
  ids: readonly string[];
}

/** The outcome of one check. */
export interface CheckOutcome {
  outcome: "passed" | "failed" | "skipped";
  /** Why the check failed or was skipped, as a sentence. */
  reason?: string;
  /** Set if the check failed by a UserError. Every other check would fail by the same. */
  userError?: true;
}

/** A message from this process, one for each check. */
export interface CheckResult extends CheckOutcome {
  id: string;
}

/** An exception that a half throws outside every call belongs to the check that runs. */
const uncaught = new Promise<CheckOutcome>((resolve) => {
  process.on("uncaughtException", (error) =>
    resolve({ outcome: "failed", reason: `an exception was thrown that nobody can catch: ${failureText(error)}` }),
  );
});

function outcomeOf(error: unknown): CheckOutcome {
  if (error instanceof CheckSkipped) return { outcome: "skipped", reason: error.message };
  return { outcome: "failed", reason: failureText(error), ...(error instanceof UserError && { userError: true }) };
}

outliveOutput();
process.on("disconnect", () => process.exit());
process.once("message", async ({ transport, ids }: CheckTask) => {
  const checks = new Map(checksFor(await loadTransport(transport)).map((check) => [check.id, check]));
  for (const id of ids) {
    const run = runCheck(transport, checks.get(id)!).then((): CheckOutcome => ({ outcome: "passed" }), outcomeOf);
    const outcome = await Promise.race([run, uncaught]);
    process.send!({ id, ...outcome } satisfies CheckResult);
    if (outcome.outcome === "failed") return; // the next check gets a new process, without what this one left behind
  }
});
