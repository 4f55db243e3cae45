import { number, wrap } from "../text/text-table.ts";
import type { Checked, Verdict } from "./check.ts";
import { told, type Claim, type Side } from "./claims.ts";

/** What is said of each verdict. */
export const verdicts: Record<Verdict, string> = {
  holds: "holds",
  fails: "does not hold: it is the other way round",
  close: "too close to call",
  "too few": "needs 4 repeats",
  "not measured": "not measured",
};

/** A side's number in the claim's unit; a dash where it was not measured. */
export function amount({ per = 1, digits, unit }: Claim, value: number | undefined): string {
  return value === undefined ? "-" : `${number(value / per, digits)} ${unit}`;
}

/** How many times the cheaper one the dearer is. */
export function times(ratio: number | undefined): string {
  return ratio === undefined ? "-" : number(ratio, ratio < 100 ? 2 : 0);
}

/** What tells a side of a claim from its other side. */
export function nameOf(side: Side, other: Side): string {
  const own = told.filter((name) => name !== "transport" && side[name] !== other[name]).map((name) => side[name]);
  return side.transport === other.transport ? own.join(", ") : [side.transport, ...own].join(", ");
}

/** What both sides of a claim have in common. */
export function commonOf({ dearer, cheaper }: Claim): string {
  const same = told.filter((name) => dearer[name] !== undefined && dearer[name] === cheaper[name]);
  return same.map((name) => (typeof dearer[name] === "number" ? `${name} ${dearer[name]}` : dearer[name])).join(", ");
}

/** The claims as numbered paragraphs of lines of at most 80 columns: the sentence, its verdict, both numbers, and where they are from. */
export function tellClaims(all: readonly Checked[]): string {
  return all
    .map(({ claim, dearer, cheaper, ratio, verdict }, i) => {
      const sides = [
        `${nameOf(claim.dearer, claim.cheaper)} ${amount(claim, dearer)}`,
        `${nameOf(claim.cheaper, claim.dearer)} ${amount(claim, cheaper)}`,
      ];
      const ratioTold = ratio === undefined ? "" : `: ${times(ratio)} times`;
      return [
        wrap(`${i + 1}. ${claim.says}`),
        wrap(`  ${verdicts[verdict]} · ${sides.join(" against ")}${ratioTold}`),
        wrap(`  (${claim.column}; ${commonOf(claim)})`),
      ].join("\n");
    })
    .join("\n");
}
