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
  lossChangeSentences,
  verdictSentence,
  comparisonWarnings,
} from "../../compare/format.ts";
import { pairList } from "../../compare/labels.ts";
import { html, type Html } from "../markup/html.ts";
import { foldedSection, htmlTable, type HtmlColumn } from "../markup/html-table.ts";

/** A comparison, or the sentence that says why there is none. */
export type ReportComparison = Comparison | string;

const columns: HtmlColumn<MetricComparison>[] = [
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
  { heading: "detectable", value: formatDetectable },
];

/** Changes between two files or builds. In each pair, metrics that got worse come first. */
export function comparisonSection(all: readonly ReportComparison[]): Html {
  const compared = all.filter((each) => typeof each !== "string");
  const failed = all.filter((each) => typeof each === "string");
  return html`${compared.length > 0 && html`<p class="lead">${verdictSentence(compared)}</p>`}${lossChangeSentences(compared).map((sentence) => html`<p class="lead">Worse: ${sentence}</p>`)}${failed.map((sentence) => html`<p>${sentence}</p>`)}${compared.map(comparisonOf)}
  ${
    compared.length > 0 &&
    html`<p class="note">
      "worse" and "better" are significant changes. For times and CPU this is a test over the repeats: Holm's corrected
      p is below 0.05, and the change exceeds the noise floor, the difference between runs of the same build. For bytes
      and deliveries every difference is significant. "change" is the Hodges-Lehmann shift in percent of the median
      before, with its interval. "detectable" is the smallest change that this number of repeats detects with a
      probability of 80 %.
    </p>`
  }`;
}

function comparisonOf(comparison: Comparison): Html {
  const { before, after, pairs, unpaired } = comparison;
  const names = pairList(pairs);
  return html`<p>Before: ${sideLabel(before)}. After: ${sideLabel(after)}.</p>
    ${pairs.map((pair, i) => pairTable(names[i]!, sideLabel(after), pair))}${unpaired.map(({ sentence }) => html`<p>Not compared: ${sentence}</p>`)}
    ${comparisonWarnings([comparison]).map((warning) => html`<p class="note">${warning}</p>`)}`;
}

function pairTable(name: string, side: string, pair: PairComparison): Html {
  const { flagged, others, empty } = visibleMetrics(pair, false);
  const folded = visibleMetrics(pair, true).others.filter((metric) => !others.includes(metric));
  const shown = [...flagged, ...others];
  return html`<h3>${name}</h3>
    <p class="note">${repeatsText(pair)}.</p>
    ${shown.length > 0 && htmlTable(`${name}: ${side}`, columns, shown)}
    ${metricNotes([...shown, ...empty]).map((remark) => html`<p class="note">${remark}</p>`)}
    ${folded.length > 0 && foldedSection("Other metrics, which have no verdict", htmlTable(`${name}: ${side}, other metrics`, columns, folded))}`;
}
