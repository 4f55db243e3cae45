import type { Row } from "../../model/columns.ts";
import { listWords, type LoadGroup } from "./load-groups.ts";
import type { HeadlineSentence } from "./headline.ts";

/** Who is not to be believed, or not quite: names for the answer; the reasons stand among the verdicts. */
export function validityNotes({ entries }: Pick<LoadGroup, "entries">): HeadlineSentence[] {
  const having = (status: string): string[] =>
    entries.flatMap(({ label, rows }) => {
      const those = rows.filter((row) => row.status === status);
      return those.length === 0 ? [] : [`${label} ${numbers(those, rows.length)}`.trim()];
    });
  const [suspect, invalid, failed] = [having("suspect"), having("invalid"), having("failed")];
  const left = [
    ...(failed.length > 0 ? [`Failed and left out: ${listWords(failed)}.`] : []),
    ...(invalid.length > 0 ? [`Invalid and left out: ${listWords(invalid)}.`] : []),
    ...(suspect.length > 0 ? [`Suspect, so read with care what is said of them: ${listWords(suspect)}.`] : []),
  ];
  return left.length > 0
    ? [{ topic: "Doubts", text: `${left.join(" ")} Why, and what to do, stands under Verdicts.` }]
    : [];
}

/** Which repeats, where there is more than one. */
function numbers(those: readonly Row[], all: number): string {
  if (all === 1) return "";
  if (those.length === all) return `(all ${all})`;
  return those.length > 3 ? `(${those.length} of ${all})` : those.map(({ repeat }) => `#${repeat ?? "?"}`).join(" ");
}
