import { UserError } from "../lib/errors.ts";
import { loadTransport } from "../transports.ts";
import { hold } from "./test-kit.ts";
import { reasonOf } from "./failure-text.ts";
import { sentencesFor } from "./checks.ts";

/** Sentences that this process is to hold a transport to, one after another, until one fails. */
export interface Task {
  transport: string;
  says: readonly string[];
}

/** What became of one of them. */
export interface Outcome {
  says: string;
  /** Set where it fails. */
  why?: string;
  /** Set where it fails by a UserError, which the others would, too. */
  mistake?: true;
}

/** The same before it is said of which. */
type Found = Omit<Outcome, "says">;

/** What a half throws where nobody can catch it belongs to the sentence that is being tried. */
const thrown = new Promise<Found>((resolve) => {
  process.on("uncaughtException", (error) =>
    resolve({ why: `it threw where nobody could catch it: ${reasonOf(error)}` }),
  );
});

function failure(error: unknown): Found {
  return { why: reasonOf(error), ...(error instanceof UserError && { mistake: true }) };
}

process.on("disconnect", () => process.exit());
process.once("message", async ({ transport: name, says }: Task) => {
  const sentences = new Map(sentencesFor(await loadTransport(name)).map((sentence) => [sentence.says, sentence]));
  for (const each of says) {
    const held = hold(name, sentences.get(each)!).then((): Found => ({}), failure);
    const found = await Promise.race([held, thrown]);
    process.send!({ says: each, ...found } satisfies Outcome);
    if (found.why !== undefined) return; // what it may have left behind must not spoil the next
  }
});
