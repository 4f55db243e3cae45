import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { countOf, groupBy } from "../text/lists.ts";
import { formatShift, formatSignedPercent, lossChangeSentences, metricLabel, metricValue } from "./format.ts";
import { labelText, metricList, pairLabels, type TrialLabel } from "./labels.ts";
import { isOutcome } from "./outcomes.ts";
import { isDeliveryCount, testedMetrics, testKindOf, type TestedMetric } from "./samples.ts";
import type { Comparison, MetricComparison } from "./types.ts";

/** The largest accepted regression of one metric. */
interface Bound {
  percent: number;
  /** True if the user named the metric. One that was not measured is reported only then, except a percentile. */
  named: boolean;
  /** True if the metric is checked only where it needs no statistics. */
  exactOnly: boolean;
}

/**
 * Bounds by metric. Deliveries that went wrong have one always: 0 %, unless another was given. Those that a fault took
 * have it where none was missed before.
 */
export type RegressionBounds = ReadonlyMap<TestedMetric, Bound>;

/**
 * Parses `5%` (every tested metric), `exact` (bytes and deliveries, 0 %) or `latency_p99_us=10%`; several are separated
 * by commas. Throws a UserError for anything else.
 */
export function parseBounds(text: string): RegressionBounds {
  const bounds = new Map<TestedMetric, Bound>();
  const named = new Map<TestedMetric, Bound>();
  const set = (metrics: readonly TestedMetric[], percent: number, exactOnly: boolean): void =>
    metrics.forEach((metric) => bounds.set(metric, { percent, named: false, exactOnly }));
  for (const part of text.split(",").map((each) => each.trim())) {
    const [, name, number] = /^(?:([^=\s]+)\s*=\s*)?(\d+(?:\.\d+)?)\s*%$/.exec(part) ?? [];
    if (part === "exact") set(exactMetrics, 0, true);
    else if (number === undefined)
      throw new UserError(
        `--max-regression "${part}" is not a bound. Write 5% for every tested metric, exact for bytes and deliveries, or latency_p99_us=10% for one.`,
      );
    else if (name === undefined) set(testedMetrics, Number(number), false);
    else named.set(testedMetric(name), { percent: Number(number), named: true, exactOnly: false });
  }
  const missed = bounds.get("missed");
  set(testedMetrics.filter(isDeliveryCount), 0, false);
  // Where some were missed before, their number depends on chance: 0 % would be too strict.
  bounds.set("missed", missed ?? { percent: 0, named: false, exactOnly: true });
  return new Map([...bounds, ...named]);
}

const exactMetrics = testedMetrics.filter((metric) => testKindOf(metric) !== "primary");

function testedMetric(name: string): TestedMetric {
  if (testedMetrics.includes(name as TestedMetric)) return name as TestedMetric;
  throw new UserError(`--max-regression "${name}" is not a tested metric.${didYouMean(name, testedMetrics)}`);
}

/** Sentences about bounds: which ones were exceeded, and which ones could have been exceeded unnoticed. */
export interface GateResult {
  exceeded: string[];
  undecidable: string[];
}

/**
 * Checks comparisons against bounds. A metric that got worse by no more than its bound is not reported. Trials that are
 * gone, failed or invalid after exceed every bound.
 */
export function checkBounds(comparisons: readonly Comparison[], bounds: RegressionBounds): GateResult {
  const results = comparisons.map((comparison) => checkComparison(comparison, bounds));
  return {
    exceeded: results.flatMap(({ exceeded }) => exceeded),
    undecidable: results.flatMap(({ undecidable }) => undecidable),
  };
}

/** A metric of a pair that has a bound. `found` is undefined where neither side has it. */
interface BoundedMetric extends Bound {
  label: TrialLabel;
  /** Repeats of the side that has fewer. */
  repeats: number;
  metric: TestedMetric;
  found: MetricComparison | undefined;
}

function checkComparison(comparison: Comparison, bounds: RegressionBounds): GateResult {
  const { pairs } = comparison;
  const labels = pairLabels(pairs);
  const bounded = pairs.flatMap(({ metrics, repeats }, i) =>
    repeats.after === 0
      ? []
      : [...bounds].map(([metric, bound]): BoundedMetric => {
          const found = metrics.find((each) => each.metric === metric);
          return { label: labels[i]!, repeats: Math.min(repeats.before, repeats.after), metric, ...bound, found };
        }),
  );
  const checked = bounded.filter(({ exactOnly, found }) => !exactOnly || !found || found.exact);
  const undecidable = groupBy(checked, whyUndecidable);
  return {
    exceeded: [...lossChangeSentences([comparison], isOutcome), ...checked.flatMap(exceededText)],
    undecidable: [
      ...undecidable.map(([why, group]) => `--max-regression could not check ${metricList(group)}: ${why}.`),
      ...unjudgedTrials(comparison, labels, bounds).map((sentence) => `--max-regression could not check ${sentence}`),
    ],
  };
}

/** Trials before that have no partner after, and those that were valid before and are mostly suspect after. */
function unjudgedTrials(
  { pairs, unpaired }: Comparison,
  labels: readonly TrialLabel[],
  bounds: RegressionBounds,
): string[] {
  const needsTrust = [...bounds.values()].some(({ named, exactOnly, percent }) => !exactOnly && (named || percent > 0));
  const doubted = pairs.flatMap(({ repeats, suspect }, i) =>
    needsTrust && mostly(suspect.after, repeats.after) && !mostly(suspect.before, repeats.before)
      ? [`${labelText(labels[i]!)}: ${suspect.after} of ${countOf(repeats.after, "repeat")} after are suspect.`]
      : [],
  );
  return [...unpaired.filter(({ onlyAfter }) => !onlyAfter).map(({ sentence }) => sentence), ...doubted];
}

function mostly(part: number, whole: number): boolean {
  return part > whole / 2;
}

function exceededText({ label, metric, percent, found }: BoundedMetric): string[] {
  const change = formatShift(found?.shift, found?.before);
  if (found?.verdict !== "worse" || change === undefined || Math.abs(change) <= percent) return [];
  const values = [found.before, found.after].map((value) => metricValue(found.metric, value)).join(" to ");
  return [
    `${labelText(label)}: ${metric} got worse, ${formatSignedPercent(change)} (${metricLabel(found.metric)}: ${values}), more than ${percent}%.`,
  ];
}

/**
 * Why a metric could have exceeded its bound unnoticed; undefined where it could not, or where neither side has it and
 * nobody named it. A percentile that neither side has had too few messages, and is always reported.
 */
function whyUndecidable({ metric, percent, named, repeats, found }: BoundedMetric): string | undefined {
  if (!found) return named ? "neither side has measured it" : undefined;
  const { verdict, note, exact, before, detectable } = found;
  if (verdict === "shown") return named || (isPercentile(metric) && !exact) ? note : undefined;
  if (verdict === "undecided") return note;
  if (verdict === "worse" || verdict === "better") return undefined;
  if ((formatShift(found.noiseFloor, before) ?? 0) > percent)
    return `the noise floor is above ${percent}%: measure both builds in one run, with bench --baseline`;
  const detectablePercent = formatShift(detectable, before) ?? 0;
  return detectablePercent <= percent ? undefined : repeatsAdvice(percent, detectablePercent, repeats);
}

/** A shift that is detected shrinks with the square root of the number of repeats. */
function repeatsAdvice(percent: number, detectablePercent: number, repeats: number): string {
  const few = `so few repeats show a change of ${percent}% in less than 80 % of cases`;
  if (percent === 0) return `${few}: give a bound above 0%`;
  return `${few}: measure with --repeat ${Math.ceil(repeats * (detectablePercent / percent) ** 2)} or so, or give a larger bound`;
}

const isPercentile = (metric: TestedMetric): boolean => /_p\d+_us$/.test(metric);
