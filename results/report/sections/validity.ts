import type { LoadGroup } from "../text/load-groups.ts";
import { html, type Html } from "../markup/html.ts";
import { definitionList, foldedSection, type Definition } from "../markup/html-table.ts";

/** A row with its status and the reasons for it. */
interface RowValidity {
  name: string;
  status: string;
  reasons: string;
}

const order = ["failed", "invalid", "suspect", "valid"];

/** Rows that are visible at once; the others are folded. */
const maxVisible = 15;

/** Status of each row, with the reasons. Valid rows without a remark are only counted. */
export function validitySection(groups: readonly LoadGroup[]): Html {
  const rows = groups
    .flatMap((group) => validitiesOf(group, groups.length > 1))
    .toSorted((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
  const remarks = rows.filter(({ reasons }) => reasons !== "").map(definitionOf);
  const valid = rows.length - remarks.length;
  const folded = remarks.slice(maxVisible);
  return html`<p class="note">
      ${remarks.length === 0 ? "Every row is" : `${valid} of ${rows.length} rows are`} valid without a remark. A suspect
      row is included in the numbers, but the load generator or the machine may have influenced it. An invalid row is
      left out of all numbers of this page. Each reason says what to do.
    </p>
    ${definitionList(remarks.slice(0, maxVisible))}${folded.length > 0 && foldedSection(`${folded.length} more`, definitionList(folded))}`;
}

function validitiesOf({ entries, title }: LoadGroup, withTitle: boolean): RowValidity[] {
  return entries.flatMap(({ label, rows }) =>
    rows.map((row) => ({
      name: [label, rows.length > 1 && `#${row.repeat ?? "?"}`, withTitle && `(${title})`].filter(Boolean).join(" "),
      status: row.status ?? "unknown",
      reasons: row.error ?? row.reasons ?? "",
    })),
  );
}

function definitionOf({ name, status, reasons }: RowValidity): Definition {
  return { term: html`${name} <span class="status ${status}">${status}</span>`, text: reasons };
}
