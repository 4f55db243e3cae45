import { formatNumber } from "./text-table.ts";

/** Words as a list in a sentence: `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** A number with its noun: `1 repeat`, `2 repeats`, `- repeats` if it is not known. */
export function countOf(number: number | undefined, noun: string): string {
  return `${formatNumber(number, 0)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Items by their key, in the order in which the keys first appear. Items without a key are left out. */
export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
): (readonly [key: string, items: T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups];
}
