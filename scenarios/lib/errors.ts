import { closest, distance } from "fastest-levenshtein";

/**
 * A mistake of the user's, or something that is missing, such as space on the disk. The message says what is wrong and
 * what to do. It is printed without a stack, and the exit code is 2.
 */
export class UserError extends Error {
  override name = "UserError";
}

/**
 * An error that ends a run but is no defect, such as a baseline that cannot be built. It is printed without a stack,
 * and the exit code is 1.
 */
export class RunError extends Error {
  override name = "RunError";
}

/** Longest list of choices that is printed even if one of them is close. */
const shortList = 20;

/**
 * Text to append to an error about an unknown word: ` Did you mean "x"?` if a choice is close to `word`, then the list
 * of choices, or instead of the list the sentence `elsewhere`, which says where to find them.
 */
export function didYouMean(word: string, choices: readonly string[], elsewhere?: string): string {
  const best = closest(word.toLowerCase(), choices);
  const hint = distance(word.toLowerCase(), best) <= Math.max(2, word.length / 3) ? ` Did you mean "${best}"?` : "";
  if (elsewhere !== undefined) return `${hint} ${elsewhere}`;
  const isLongList = hint !== "" && choices.length > shortList;
  return isLongList ? hint : `${hint} The choices are: ${choices.join(", ")}.`;
}

/** Message of anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Longest part of a file that a message shows. */
const longestExcerpt = 60;

/** A text of a file as a message shows it: in one line, without control characters, at most 60 characters long. */
export function excerpt(text: string): string {
  const shown = oneLine(text.slice(0, longestExcerpt + 1));
  return text.length > longestExcerpt ? `${shown.slice(0, longestExcerpt)}...` : shown;
}

/** A text of others as a message shows it: in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
