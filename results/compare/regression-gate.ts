import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import { groupBy } from "../text/lists.ts";
import { formatShift, formatSignedPercent, metricLabel, metricValue } from "./format.ts";
import { labelText, metricList, pairLabels, type TrialLabel } from "./labels.ts";
import { testedMetrics, type TestedMetric } from "./samples.ts";
import type { Comparison, MetricComparison } from "./types.ts";

/** Largest accepted regression of each metric, in percent. */
export interface RegressionBounds {
  percents: ReadonlyMap<string, number>;
  /** Metrics that the user named. A metric that was not measured is reported only where it was named. */
  named: ReadonlySet<string>;
}

/**
 * Parses `5%` (every tested metric) or `latency_p99_us=10%`; several are separated by commas. Throws a UserError for
 * anything else.
 */
export function parseBounds(text: string): RegressionBounds {
  const parts = text.split(",").map((part) => {
    const [, name, number] = /^\s*(?:([^=\s]+)\s*=\s*)?(\d+(?:\.\d+)?)\s*%\s*$/.exec(part) ?? [];
    if (number === undefined)
      throw new UserError(
        `--max-regression "${part.trim()}" is not a bound. Write 5% for every tested metric, or latency_p99_us=10% for one.`,
      );
    if (name !== undefined && !testedMetrics.includes(name as TestedMetric))
      throw new UserError(`--max-regression "${name}" is not a tested metric.${didYouMean(name, testedMetrics)}`);
    return { name, percent: Number(number) };
  });
  const general = parts
    .filter(({ name }) => name === undefined)
    .flatMap(({ percent }) => testedMetrics.map((name): [string, number] => [name, percent]));
  const named = parts.flatMap(({ name, percent }) => (name === undefined ? [] : [[name, percent] as const]));
  return { percents: new Map([...general, ...named]), named: new Set(named.map(([name]) => name)) };
}

/** Sentences about bounds: which ones were exceeded, and which ones could have been exceeded unnoticed. */
export interface GateResult {
  exceeded: string[];
  undecidable: string[];
}

/** Checks comparisons against bounds. A metric that got worse by no more than its bound is not reported. */
export function checkThresholds(comparisons: readonly Comparison[], bounds: RegressionBounds): GateResult {
  const results = comparisons.map((comparison) => checkComparison(comparison, bounds));
  return {
    exceeded: results.flatMap(({ exceeded }) => exceeded),
    undecidable: results.flatMap(({ undecidable }) => undecidable),
  };
}

/** A metric of a pair that has a bound. `found` is undefined where neither side has it. */
interface BoundedMetric {
  label: TrialLabel;
  metric: string;
  bound: number;
  found: MetricComparison | undefined;
}

function checkComparison({ pairs, unpaired }: Comparison, { percents, named }: RegressionBounds): GateResult {
  const labels = pairLabels(pairs);
  const bounded = pairs.flatMap(({ metrics }, i) =>
    [...percents].map(([metric, bound]): BoundedMetric => {
      const found = metrics.find((each) => each.metric === metric);
      return { label: labels[i]!, metric, bound, found };
    }),
  );
  const undecidable = groupBy(bounded, (each) => whyUndecidable(each, named.has(each.metric)));
  return {
    exceeded: bounded.flatMap(exceededText),
    undecidable: [
      ...undecidable.map(([why, group]) => `--max-regression could not check ${metricList(group)}: ${why}.`),
      ...unpaired.map((sentence) => `--max-regression could not check ${sentence}`),
    ],
  };
}

function exceededText({ label, metric, bound, found }: BoundedMetric): string[] {
  const change = formatShift(found?.shift, found?.before);
  if (found?.verdict !== "worse" || change === undefined || Math.abs(change) <= bound) return [];
  const values = [found.before, found.after].map((value) => metricValue(found.metric, value)).join(" to ");
  return [
    `${labelText(label)}: ${metric} got worse, ${formatSignedPercent(change)} (${metricLabel(found.metric)}: ${values}), more than ${bound}%.`,
  ];
}

/**
 * Why a metric could have exceeded its bound unnoticed; undefined where it could not, or was not measured and not
 * named.
 */
function whyUndecidable({ bound, found }: BoundedMetric, named: boolean): string | undefined {
  if (!found) return named ? "neither side has measured it" : undefined;
  const { verdict, note, before } = found;
  if (verdict === "shown") return named ? note : undefined;
  if (verdict === "undecided") return note;
  if (verdict === "worse" || verdict === "better") return undefined;
  if ((formatShift(found.noiseFloor, before) ?? 0) > bound)
    return `the noise floor is above ${bound}%, measure both builds in one run`;
  if ((formatShift(found.detectable, before) ?? 0) <= bound) return undefined;
  return `so few repeats show a change of ${bound}% in less than 80 % of cases, give more of them`;
}
