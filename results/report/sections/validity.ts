import type { LoadGroup } from "../text/load-groups.ts";
import { html, type Html, type Part } from "../markup/html.ts";
import { foldedSection } from "../markup/html-table.ts";

/** A row with its reasons. */
interface Line {
  what: string;
  status: string;
  reasons: string;
}

const order = ["failed", "invalid", "suspect", "valid"];

/** Rows that are shown at once; the others are folded away. */
const most = 15;

/** What each row was found to be and why; rows that are valid without a remark are only counted. */
export function validitySection(cases: readonly LoadGroup[]): Html {
  const lines = cases
    .flatMap(linesOf)
    .toSorted((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
  const told = lines.filter(({ reasons }) => reasons !== "");
  const silent = lines.length - told.length;
  const rest = told.slice(most);
  return html`<p class="note">
      ${silent === lines.length ? "Every row is" : `${silent} of ${lines.length} rows are`} valid without a remark. A
      suspect row counts, but something in it may be the harness's or the machine's; an invalid one is left out of every
      number here. Each reason says what to do.
    </p>
    ${list(told.slice(0, most))}${rest.length > 0 && foldedSection(`${rest.length} more`, list(rest))}`;
}

function linesOf({ entries, title }: LoadGroup, _: number, cases: readonly LoadGroup[]): Line[] {
  return entries.flatMap(({ label, rows }) =>
    rows.map((row) => ({
      what: [label, rows.length > 1 && `#${row.repeat ?? "?"}`, cases.length > 1 && `(${title})`]
        .filter(Boolean)
        .join(" "),
      status: row.status ?? "unknown",
      reasons: row.error ?? row.reasons ?? "",
    })),
  );
}

function list(lines: readonly Line[]): Part {
  const items = lines.map(
    ({ what, status, reasons }) =>
      html`<dt>${what} <span class="status ${status}">${status}</span></dt>
        <dd>${reasons}</dd>`,
  );
  return items.length > 0 && html`<dl class="answer">${items}</dl>`;
}
