import { loadTransport } from "../transports.ts";
import { hold } from "./kit.ts";
import { reasonOf } from "./reasons.ts";
import { sentencesFor } from "./sentences.ts";

/** Sentences that this process is to hold a transport to, one after another, until one fails. */
export interface Task {
  transport: string;
  says: readonly string[];
}

/** What became of one of them; `why` is set where it fails. */
export interface Outcome {
  says: string;
  why?: string;
}

/** What a half throws where nobody can catch it belongs to the sentence that is being tried. */
const thrown = new Promise<string>((resolve) => {
  process.on("uncaughtException", (error) => resolve(`it threw where nobody could catch it: ${reasonOf(error)}`));
});

process.on("disconnect", () => process.exit());
process.once("message", async ({ transport: name, says }: Task) => {
  const sentences = new Map(sentencesFor(await loadTransport(name)).map((sentence) => [sentence.says, sentence]));
  for (const each of says) {
    const held = hold(name, sentences.get(each)!).then(() => undefined, reasonOf);
    const why = await Promise.race([held, thrown]);
    process.send!({ says: each, ...(why !== undefined && { why }) } satisfies Outcome);
    if (why !== undefined) return; // what it may have left behind must not spoil the next
  }
});
