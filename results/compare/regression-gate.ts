import { didYouMean, UserError } from "../../scenarios/lib/errors.ts";
import type { Comparison, MetricComparison } from "./types.ts";
import { testedMetrics, type TestedMetric } from "./samples.ts";
import { pairList, formatShift, formatSignedPercent, metricValue, metricLabel } from "./format.ts";

/** How much worse each metric may get, in percent. Of those that were named it is asked whether they could be judged at all. */
export interface RegressionBounds {
  percents: ReadonlyMap<string, number>;
  named: ReadonlySet<string>;
}

/** Reads `5%` (every metric that is decided) or `latency_p99_us=10%`, several with commas between. Throws a UserError where it is neither. */
export function parseBounds(given: string): RegressionBounds {
  const parts = given.split(",").map((part) => {
    const [, name, number] = /^\s*(?:([^=\s]+)\s*=\s*)?(\d+(?:\.\d+)?)\s*%\s*$/.exec(part) ?? [];
    if (number === undefined)
      throw new UserError(
        `--max-regression "${part.trim()}" is not a bound: write 5% for every metric that is decided, or latency_p99_us=10% for one.`,
      );
    if (name !== undefined && !testedMetrics.includes(name as TestedMetric))
      throw new UserError(
        `--max-regression "${name}": this is never decided, so it cannot fail.${didYouMean(name, testedMetrics)}`,
      );
    return { name, percent: Number(number) };
  });
  const general = parts
    .filter(({ name }) => name === undefined)
    .flatMap(({ percent }) => testedMetrics.map((name): [string, number] => [name, percent]));
  const own = parts.flatMap(({ name, percent }) => (name === undefined ? [] : [[name, percent] as const]));
  return { percents: new Map([...general, ...own]), named: new Set(own.map(([name]) => name)) };
}

/** What is to be told of bounds: what is over one, and what nobody could have seen go over it. One sentence each. */
export interface GateResult {
  over: string[];
  blind: string[];
}

/** Holds comparisons against bounds. What is worse by no more than its bound is not told. */
export function checkThresholds(comparisons: readonly Comparison[], bounds: RegressionBounds): GateResult {
  const found = comparisons.map((comparison) => judgeOne(comparison, bounds));
  return { over: found.flatMap(({ over }) => over), blind: found.flatMap(({ blind }) => blind) };
}

/** A metric of a pair that has a bound; `found` is undefined where neither side has it. */
interface Asked {
  name: string;
  metric: string;
  bound: number;
  found: MetricComparison | undefined;
}

function judgeOne(comparison: Comparison, { percents, named }: RegressionBounds): GateResult {
  const names = pairList(comparison.pairs);
  const asked = comparison.pairs.flatMap(({ metrics }, i) =>
    [...percents].map(([metric, bound]) => {
      const found = metrics.find((each) => each.metric === metric);
      return { name: names[i]!, metric, bound, found };
    }),
  );
  const blind = grouped(asked, (each) => blindness(each, named.has(each.metric)));
  return {
    over: asked.flatMap(overBound),
    blind: [
      ...blind.map(([why, of]) => `--max-regression could not judge ${listed(of)}: ${why}.`),
      ...comparison.unpaired.map((each) => `--max-regression could not judge ${each}`),
    ],
  };
}

function overBound({ name, metric, bound, found }: Asked): string[] {
  const change = formatShift(found?.shift, found?.before);
  if (found?.verdict !== "worse" || change === undefined || Math.abs(change) <= bound) return [];
  const values = [found.before, found.after].map((value) => metricValue(found.metric, value)).join(" to ");
  return [
    `${name}: ${metric} got worse, ${formatSignedPercent(change)} (${metricLabel(found.metric)}: ${values}), over ${bound}%.`,
  ];
}

/** Why a metric could have gone over its bound unseen; undefined where it could not, or nobody asked. */
function blindness({ bound, found }: Asked, named: boolean): string | undefined {
  if (!found) return named ? "neither side has measured it" : undefined;
  const { verdict, note, before } = found;
  if (verdict === "shown") return named ? note : undefined;
  if (verdict === "undecided") return note;
  if (verdict === "worse" || verdict === "better") return undefined;
  if ((formatShift(found.floor, before) ?? 0) > bound)
    return `two runs of the same thing differ by more than ${bound}%; measure both builds in one run`;
  if ((formatShift(found.detectable, before) ?? 0) <= bound) return undefined;
  return `these repeats show a change of ${bound}% less than four times in five; give more of them`;
}

function listed(asked: readonly Asked[]): string {
  return grouped(asked, ({ name }) => name)
    .map(([name, of]) => `${of.map(({ metric }) => metric).join(", ")} of ${name}`)
    .join("; ");
}

/** The items that have a key, by key, in the order in which the keys first appear. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string | undefined): [string, T[]][] {
  const keys = [...new Set(items.map(keyOf))].filter((key) => key !== undefined);
  return keys.map((key) => [key, items.filter((item) => keyOf(item) === key)]);
}
