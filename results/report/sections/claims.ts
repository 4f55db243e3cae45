import { checkClaims, type CheckedClaim } from "../../claims/check.ts";
import { claims } from "../../claims/claims.ts";
import { faultClaims } from "../../claims/fault-claims.ts";
import { networkClaims } from "../../claims/network-claims.ts";
import { formatAmount, sharedKeys, claimSideName, formatRatio, claimVerdictWords } from "../../claims/format.ts";
import type { Row } from "../../model/columns.ts";
import { html, type Html } from "../markup/html.ts";
import { htmlTable, type HtmlColumn } from "../markup/html-table.ts";

const columns: HtmlColumn<CheckedClaim>[] = [
  { heading: "claim", text: true, value: ({ claim }) => claim.text },
  { heading: "verdict", text: true, value: ({ verdict }) => claimVerdictWords[verdict] },
  { heading: "ratio", value: ({ ratio }) => formatRatio(ratio) },
  {
    heading: "expected higher",
    text: true,
    value: ({ claim, higher }) =>
      `${claimSideName(claim.expectedHigher, claim.expectedLower)}: ${formatAmount(claim, higher)}`,
  },
  {
    heading: "expected lower",
    text: true,
    value: ({ claim, lower }) =>
      `${claimSideName(claim.expectedLower, claim.expectedHigher)}: ${formatAmount(claim, lower)}`,
  },
  { heading: "column", text: true, value: ({ claim }) => claim.column },
  { heading: "load", text: true, value: ({ claim }) => sharedKeys(claim) },
];

/** Common claims about transports, checked against the rows; undefined where the rows measure none of them. */
export function claimsSection(rows: readonly Row[]): Html | undefined {
  const measured = checkClaims(rows, [...claims, ...networkClaims, ...faultClaims]).filter(
    ({ verdict }) => verdict !== "not measured",
  );
  if (measured.length === 0) return undefined;
  return html`<p class="note">
      Claims that tutorials make about transports. A claim holds if every repeat of the side that is expected to be
      higher is above every repeat of the other side. The numbers are medians of the repeats.
    </p>
    ${htmlTable("Claims about transports, checked against these rows", columns, measured)}`;
}
