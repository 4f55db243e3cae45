import { closest, distance } from "fastest-levenshtein";

/** The user's mistake: its message is one sentence with the remedy, shown without a stack, and the exit code is 2. */
export class UserError extends Error {
  override name = "UserError";
}

/** What ends a run and is nobody's defect, such as a full disk: one sentence, no stack, exit code 1. */
export class RunError extends Error {
  override name = "RunError";
}

/** Choices beyond so many are listed only where none of them is close. */
const fewChoices = 20;

/**
 * ` Did you mean "x"?` where a choice is close to `given`, then the choices, or `elsewhere`, a sentence that says where they are named: ready
 * to be appended to a sentence.
 */
export function didYouMean(given: string, choices: readonly string[], elsewhere?: string): string {
  const best = closest(given.toLowerCase(), choices);
  const hint = distance(given.toLowerCase(), best) <= Math.max(2, given.length / 3) ? ` Did you mean "${best}"?` : "";
  if (elsewhere !== undefined) return `${hint} ${elsewhere}`;
  const enough = hint !== "" && choices.length > fewChoices;
  return enough ? hint : `${hint} The choices are: ${choices.join(", ")}.`;
}

/** What to tell a person about anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
