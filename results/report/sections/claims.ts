import { checkClaims, type Checked } from "../../claims/check.ts";
import { amount, commonOf, nameOf, times, verdicts } from "../../claims/format.ts";
import type { Row } from "../../model/columns.ts";
import { html, type Html } from "../markup/html.ts";
import { table, type Shown } from "../markup/html-table.ts";

const shown: Shown<Checked>[] = [
  { heading: "claim", text: true, value: ({ claim }) => claim.says },
  { heading: "verdict", text: true, value: ({ verdict }) => verdicts[verdict] },
  { heading: "ratio", value: ({ ratio }) => times(ratio) },
  {
    heading: "dearer, as claimed",
    text: true,
    value: ({ claim, dearer }) => `${nameOf(claim.dearer, claim.cheaper)}: ${amount(claim, dearer)}`,
  },
  {
    heading: "cheaper",
    text: true,
    value: ({ claim, cheaper }) => `${nameOf(claim.cheaper, claim.dearer)}: ${amount(claim, cheaper)}`,
  },
  { heading: "column", text: true, value: ({ claim }) => claim.column },
  { heading: "load", text: true, value: ({ claim }) => commonOf(claim) },
];

/** What these rows say of the claims that tutorials make; undefined where they measure none. */
export function claimsTold(rows: readonly Row[]): Html | undefined {
  const measured = checkClaims(rows).filter(({ verdict }) => verdict !== "not measured");
  if (measured.length === 0) return undefined;
  return html`<p class="note">
      A claim holds where every repeat of the dearer side is above every repeat of the cheaper one; the numbers are
      medians over the repeats.
    </p>
    ${table("What is said of transports, and what these rows say of it", shown, measured)}`;
}
