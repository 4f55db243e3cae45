import { formatNumber, wrapText } from "../text/text-table.ts";
import type { CheckedClaim, ClaimVerdict } from "./check.ts";
import { identifyingColumns, type Claim, type ClaimSide } from "./claims.ts";

/** What is said of each verdict. */
export const claimVerdictWords: Record<ClaimVerdict, string> = {
  holds: "holds",
  fails: "does not hold: it is the other way round",
  close: "too close to call",
  "too few": "needs 4 repeats",
  "not measured": "not measured",
};

/** A side's number in the claim's unit; a dash where it was not measured. */
export function formatAmount({ per = 1, digits, unit }: Claim, value: number | undefined): string {
  return value === undefined ? "-" : `${formatNumber(value / per, digits)} ${unit}`;
}

/** How many times the cheaper one the dearer is. */
export function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? "-" : formatNumber(ratio, ratio < 100 ? 2 : 0);
}

/** What tells a side of a claim from its other side. */
export function claimSideName(side: ClaimSide, other: ClaimSide): string {
  const own = identifyingColumns
    .filter((name) => name !== "transport" && side[name] !== other[name])
    .map((name) => side[name]);
  return side.transport === other.transport ? own.join(", ") : [side.transport, ...own].join(", ");
}

/** What both sides of a claim have in common. */
export function sharedKeys({ expectedHigher, expectedLower }: Claim): string {
  const same = identifyingColumns.filter(
    (name) => expectedHigher[name] !== undefined && expectedHigher[name] === expectedLower[name],
  );
  return same
    .map((name) =>
      typeof expectedHigher[name] === "number" ? `${name} ${expectedHigher[name]}` : expectedHigher[name],
    )
    .join(", ");
}

/** The claims as numbered paragraphs of lines of at most 80 columns: the sentence, its verdict, both numbers, and where they are from. */
export function claimsText(all: readonly CheckedClaim[]): string {
  return all
    .map(({ claim, dearer, cheaper, ratio, verdict }, i) => {
      const sides = [
        `${claimSideName(claim.expectedHigher, claim.expectedLower)} ${formatAmount(claim, dearer)}`,
        `${claimSideName(claim.expectedLower, claim.expectedHigher)} ${formatAmount(claim, cheaper)}`,
      ];
      const ratioTold = ratio === undefined ? "" : `: ${formatRatio(ratio)} times`;
      return [
        wrapText(`${i + 1}. ${claim.text}`),
        wrapText(`  ${claimVerdictWords[verdict]} · ${sides.join(" against ")}${ratioTold}`),
        wrapText(`  (${claim.column}; ${sharedKeys(claim)})`),
      ].join("\n");
    })
    .join("\n");
}
