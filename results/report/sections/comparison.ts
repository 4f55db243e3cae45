import type { Comparison, MetricComparison, PairComparison } from "../../compare/types.ts";
import { told } from "../../compare/visible-metrics.ts";
import {
  intervalOf,
  labelOf,
  pairNames,
  percentOf,
  percentSign,
  remarksOn,
  repeatsOf,
  seenOf,
  sideName,
  valueOf,
  verdictSentence,
} from "../../compare/format.ts";
import { html, type Html } from "../markup/html.ts";
import { folded, table, type Shown } from "../markup/html-table.ts";

/** A comparison, or the sentence that says why there is none. */
export type Compared = Comparison | string;

const shown: Shown<MetricComparison>[] = [
  { heading: "metric", value: ({ metric }) => labelOf(metric) },
  {
    heading: "verdict",
    text: true,
    value: ({ verdict }) => html`<span class="status ${verdict.replace(" ", "-")}">${verdict}</span>`,
  },
  { heading: "before", value: ({ metric, before }) => valueOf(metric, before) },
  { heading: "after", value: ({ metric, after }) => valueOf(metric, after) },
  { heading: "change", value: ({ shift, before }) => percentSign(percentOf(shift, before)) },
  { heading: "interval %", value: intervalOf },
  { heading: "sees", value: seenOf },
];

/** What got worse first, then the rest, of each comparison; remarks and doubts with it. */
export function comparisons(all: readonly Compared[]): Html {
  const made = all.filter((each) => typeof each !== "string");
  const failed = all.filter((each) => typeof each === "string");
  return html`${made.length > 0 && html`<p class="lead">${verdictSentence(made)}</p>`}${failed.map((sentence) => html`<p>${sentence}</p>`)}${made.map(one)}
  ${
    made.length > 0 &&
    html`<p class="note">
      Worse and better are real: of times and CPU by statistics over the repeats (Holm's p below 0.05, and more than two
      runs of the same thing differ by), of exact bytes any difference. The change is the Hodges-Lehmann shift in
      percent of the median before, with its interval; "sees" is the smallest change that such repeats show four times
      in five.
    </p>`
  }`;
}

function one(comparison: Comparison): Html {
  const { before, after, pairs, unpaired, warnings } = comparison;
  const names = pairNames(pairs);
  return html`<p>Before: ${sideName(before)}. After: ${sideName(after)}.</p>
    ${pairs.map((pair, i) => pairTable(names[i]!, sideName(after), pair))}${unpaired.map((sentence) => html`<p>Not compared: ${sentence}</p>`)}
    ${warnings.map((warning) => html`<p class="note">${warning}</p>`)}`;
}

function pairTable(name: string, side: string, pair: PairComparison): Html {
  const { flagged, others, empty } = told(pair, false);
  const rest = told(pair, true).others.filter((metric) => !others.includes(metric));
  const lines = [...flagged, ...others];
  return html`<h3>${name}</h3>
    <p class="note">${repeatsOf(pair)}.</p>
    ${lines.length > 0 && table(`${name}: ${side}`, shown, lines)}
    ${remarksOn([...lines, ...empty]).map((remark) => html`<p class="note">${remark}</p>`)}
    ${rest.length > 0 && folded("Other metrics, never flagged", table(`${name}: ${side}, other metrics`, shown, rest))}`;
}
