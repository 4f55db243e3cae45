import { formatNumber, wrapText } from "../text/text-table.ts";
import type { CheckedClaim, ClaimVerdict } from "./check.ts";
import { identifyingColumns, type Claim, type ClaimSide } from "./claims.ts";

/** The words for each verdict. */
export const claimVerdictWords: Record<ClaimVerdict, string> = {
  holds: "holds",
  fails: "does not hold: the opposite was measured",
  close: "undecided: the repeats overlap",
  "too few": "undecided: needs 4 repeats",
  "not measured": "not measured",
};

/** The number of a side in the unit of the claim; a dash where it was not measured. */
export function formatAmount({ per = 1, digits, unit }: Claim, value: number | undefined): string {
  return value === undefined ? "-" : `${formatNumber(value / per, digits)} ${unit}`;
}

/** The ratio of a checked claim: two decimals below 100, none above; a dash where there is none. */
export function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? "-" : formatNumber(ratio, ratio < 100 ? 2 : 0);
}

/** The name of one side of a claim: its transport and load, as far as they differ from the other side. */
export function claimSideName(side: ClaimSide, other: ClaimSide): string {
  const own = identifyingColumns
    .filter((name) => name !== "transport" && side[name] !== other[name])
    .map((name) => valueText(side, name));
  return side.transport === other.transport ? own.join(", ") : [side.transport, ...own].join(", ");
}

/** The keys that both sides of a claim share: `chat-100, payload_bytes 128, text`. */
export function sharedKeys({ expectedHigher, expectedLower }: Claim): string {
  const same = identifyingColumns.filter(
    (name) => expectedHigher[name] !== undefined && expectedHigher[name] === expectedLower[name],
  );
  return same.map((name) => valueText(expectedHigher, name)).join(", ");
}

/** Columns whose values do not say what they are. */
const named: readonly (typeof identifyingColumns)[number][] = ["heartbeat", "history"];

/** A value of a side; with the name of its column where the value alone says too little. */
function valueText(side: ClaimSide, name: (typeof identifyingColumns)[number]): string {
  const value = side[name];
  if (name === "history" && (value ?? "none") === "none") return "no history";
  return typeof value === "number" || named.includes(name) ? `${name} ${value}` : `${value}`;
}

/**
 * The claims as numbered paragraphs of at most 80 columns: the claim, its verdict, both numbers, and their column and
 * load.
 */
export function claimsText(all: readonly CheckedClaim[]): string {
  return all
    .map(({ claim, higher, lower, ratio, verdict }, i) => {
      const sides = [
        `${claimSideName(claim.expectedHigher, claim.expectedLower)} ${formatAmount(claim, higher)}`,
        `${claimSideName(claim.expectedLower, claim.expectedHigher)} ${formatAmount(claim, lower)}`,
      ];
      const times = ratio === undefined ? "" : `: ${formatRatio(ratio)} times`;
      return [
        wrapText(`${i + 1}. ${claim.text}`),
        wrapText(`  ${claimVerdictWords[verdict]} · ${sides.join(" against ")}${times}`),
        wrapText(`  (${claim.column}; ${sharedKeys(claim)})`),
      ].join("\n");
    })
    .join("\n");
}
