import type { Case } from "./cases.ts";
import { html, type Html } from "./html.ts";
import { folded, table, type Shown } from "./tables.ts";

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
export function verdicts(cases: readonly Case[]): Html {
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
    ${told.length > 0 && table("Rows with a remark, the worst first", shown, told.slice(0, most))}
    ${rest.length > 0 && folded(`${rest.length} more`, table("More rows with a remark", shown, rest))}`;
}

function linesOf({ entries, title }: Case, _: number, cases: readonly Case[]): Line[] {
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

const shown: Shown<Line>[] = [
  { heading: "row", value: ({ what }) => what },
  { heading: "status", text: true, value: ({ status }) => html`<span class="status ${status}">${status}</span>` },
  { heading: "why, and what to do", text: true, value: ({ reasons }) => html`<span class="reasons">${reasons}</span>` },
];
