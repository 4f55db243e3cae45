import { UserError } from "../lib/errors.ts";
import { runCheck } from "./test-kit.ts";
import { failureText } from "./failure-text.ts";
import { checksFor } from "./checks.ts";
import { loadTransport } from "../transports/load-transport.ts";

/** Sentences that this process is to hold a transport to, one after another, until one fails. */
export interface CheckTask {
  transport: string;
  says: readonly string[];
}

/** What became of one of them. */
export interface CheckResult {
  says: string;
  /** Set where it fails. */
  why?: string;
  /** Set where it fails by a UserError, which the others would, too. */
  mistake?: true;
}

/** The same before it is said of which. */
type Found = Omit<CheckResult, "says">;

/** What a half throws where nobody can catch it belongs to the sentence that is being tried. */
const thrown = new Promise<Found>((resolve) => {
  process.on("uncaughtException", (error) =>
    resolve({ why: `it threw where nobody could catch it: ${failureText(error)}` }),
  );
});

function failure(error: unknown): Found {
  return { why: failureText(error), ...(error instanceof UserError && { mistake: true }) };
}

process.on("disconnect", () => process.exit());
process.once("message", async ({ transport: name, says }: CheckTask) => {
  const sentences = new Map(checksFor(await loadTransport(name)).map((sentence) => [sentence.description, sentence]));
  for (const each of says) {
    const held = runCheck(name, sentences.get(each)!).then((): Found => ({}), failure);
    const found = await Promise.race([held, thrown]);
    process.send!({ says: each, ...found } satisfies CheckResult);
    if (found.why !== undefined) return; // what it may have left behind must not spoil the next
  }
});
