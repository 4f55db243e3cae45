import { checkClaims, type CheckedClaim } from "../../claims/check.ts";
import { formatAmount, sharedKeys, claimSideName, formatRatio, claimVerdictWords } from "../../claims/format.ts";
import type { Row } from "../../model/columns.ts";
import { html, type Html } from "../markup/html.ts";
import { htmlTable, type HtmlColumn } from "../markup/html-table.ts";

const shown: HtmlColumn<CheckedClaim>[] = [
  { heading: "claim", text: true, value: ({ claim }) => claim.text },
  { heading: "verdict", text: true, value: ({ verdict }) => claimVerdictWords[verdict] },
  { heading: "ratio", value: ({ ratio }) => formatRatio(ratio) },
  {
    heading: "dearer, as claimed",
    text: true,
    value: ({ claim, higher }) =>
      `${claimSideName(claim.expectedHigher, claim.expectedLower)}: ${formatAmount(claim, higher)}`,
  },
  {
    heading: "cheaper",
    text: true,
    value: ({ claim, lower }) =>
      `${claimSideName(claim.expectedLower, claim.expectedHigher)}: ${formatAmount(claim, lower)}`,
  },
  { heading: "column", text: true, value: ({ claim }) => claim.column },
  { heading: "load", text: true, value: ({ claim }) => sharedKeys(claim) },
];

/** What these rows say of the claims that tutorials make; undefined where they measure none. */
export function claimsSection(rows: readonly Row[]): Html | undefined {
  const measured = checkClaims(rows).filter(({ verdict }) => verdict !== "not measured");
  if (measured.length === 0) return undefined;
  return html`<p class="note">
      A claim holds where every repeat of the dearer side is above every repeat of the cheaper one; the numbers are
      medians over the repeats.
    </p>
    ${htmlTable("What is said of transports, and what these rows say of it", shown, measured)}`;
}
