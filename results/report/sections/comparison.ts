import type { Comparison, MetricComparison, PairComparison } from "../../compare/types.ts";
import { visibleMetrics } from "../../compare/visible-metrics.ts";
import {
  formatInterval,
  metricLabel,
  formatShift,
  formatSignedPercent,
  metricNotes,
  repeatsText,
  formatDetectable,
  sideLabel,
  metricValue,
  verdictSentence,
  comparisonWarnings,
} from "../../compare/format.ts";
import { pairList } from "../../compare/labels.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** A comparison, or the sentence that says why there is none. */
export type ReportComparison = Comparison | string;

const shown: HtmlColumn<MetricComparison>[] = [
  { heading: "metric", value: ({ metric }) => metricLabel(metric) },
  {
    heading: "verdict",
    text: true,
    value: ({ verdict }) => html`<span class="status ${verdict.replace(" ", "-")}">${verdict}</span>`,
  },
  { heading: "before", value: ({ metric, before }) => metricValue(metric, before) },
  { heading: "after", value: ({ metric, after }) => metricValue(metric, after) },
  { heading: "change", value: ({ shift, before }) => formatSignedPercent(formatShift(shift, before)) },
  { heading: "interval %", value: formatInterval },
  { heading: "sees", value: formatDetectable },
];

/** What got worse first, then the rest, of each comparison; remarks and doubts with it. */
export function comparisonSection(all: readonly ReportComparison[]): Html {
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
  const { before, after, pairs, unpaired } = comparison;
  const names = pairList(pairs);
  return html`<p>Before: ${sideLabel(before)}. After: ${sideLabel(after)}.</p>
    ${pairs.map((pair, i) => pairTable(names[i]!, sideLabel(after), pair))}${unpaired.map((sentence) => html`<p>Not compared: ${sentence}</p>`)}
    ${comparisonWarnings([comparison]).map((warning) => html`<p class="note">${warning}</p>`)}`;
}

function pairTable(name: string, side: string, pair: PairComparison): Html {
  const { flagged, others, empty } = visibleMetrics(pair, false);
  const rest = visibleMetrics(pair, true).others.filter((metric) => !others.includes(metric));
  const lines = [...flagged, ...others];
  return html`<h3>${name}</h3>
    <p class="note">${repeatsText(pair)}.</p>
    ${lines.length > 0 && htmlTable(`${name}: ${side}`, shown, lines)}
    ${metricNotes([...lines, ...empty]).map((remark) => html`<p class="note">${remark}</p>`)}
    ${rest.length > 0 && foldedSection("Other metrics, never flagged", htmlTable(`${name}: ${side}, other metrics`, shown, rest))}`;
}
