import type { Row } from "../../model/columns.ts";
import { joinWords } from "../../text/lists.ts";
import type { LoadGroup } from "./load-groups.ts";
import type { HeadlineSentence } from "./headline.ts";

/** Names of the rows that failed, are invalid or are suspect. The validity section gives the reasons. */
export function validityNotes({ entries }: Pick<LoadGroup, "entries">): HeadlineSentence[] {
  const withStatus = (status: string): string =>
    joinWords(
      entries.flatMap(({ label, rows }) => {
        const found = rows.filter((row) => row.status === status);
        return found.length === 0 ? [] : [`${label} ${repeatNumbers(found, rows.length)}`.trim()];
      }),
    );
  const [failed, invalid, suspect] = [withStatus("failed"), withStatus("invalid"), withStatus("suspect")];
  const notes = [
    ...(failed ? [`Failed and left out: ${failed}.`] : []),
    ...(invalid ? [`Invalid and left out: ${invalid}.`] : []),
    ...(suspect ? [`Suspect but included: ${suspect}.`] : []),
  ];
  if (notes.length === 0) return [];
  return [{ topic: "Validity", text: `${notes.join(" ")} The section Validity gives the reasons and what to do.` }];
}

/** Numbers of the repeats, if there is more than one. */
function repeatNumbers(found: readonly Row[], repeats: number): string {
  if (repeats === 1) return "";
  if (found.length === repeats) return `(all ${repeats})`;
  return found.length > 3
    ? `(${found.length} of ${repeats})`
    : found.map(({ repeat }) => `#${repeat ?? "?"}`).join(" ");
}
