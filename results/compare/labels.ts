import { columnsFor, type Row } from "../model/columns.ts";
import { countOf, groupBy, joinWords } from "../text/lists.ts";
import type { PairComparison } from "./types.ts";

/** The name of one trial among others. */
export interface TrialLabel {
  transport: string;
  /**
   * The scenario, and the match columns in which trials of this transport and scenario differ: `chat-1k, clients 2000`.
   */
  load: string;
}

/** Labels of trials beside one another, from their match columns. */
export function trialLabels(trials: readonly Row[]): TrialLabel[] {
  const others = columnsFor("match").filter((name) => name !== "transport" && name !== "scenario");
  return trials.map((keys) => {
    const alike = trials.filter(
      ({ transport, scenario }) => transport === keys.transport && scenario === keys.scenario,
    );
    const differing = others.filter((name) => alike.some((other) => other[name] !== keys[name]));
    const load = [keys.scenario, ...differing.map((name) => `${name} ${keys[name] ?? "-"}`)].join(", ");
    return { transport: keys.transport!, load };
  });
}

/** Labels of the pairs of a comparison. A transport that is compared with another one has both names: `ws -> tcp`. */
export function pairLabels(pairs: readonly Pick<PairComparison, "keys" | "transport">[]): TrialLabel[] {
  return trialLabels(
    pairs.map(({ keys, transport: { before, after } }) => ({
      ...keys,
      transport: before === after ? before : `${before} -> ${after}`,
    })),
  );
}

/** The label of one trial as text: `ws, chat-1k`. */
export function labelText({ transport, load }: TrialLabel): string {
  return `${transport}, ${load}`;
}

/** The labels of the pairs of a comparison as texts. */
export function pairList(pairs: readonly Pick<PairComparison, "keys" | "transport">[]): string[] {
  return pairLabels(pairs).map(labelText);
}

/** More loads than these are counted instead. */
const mostLoads = 3;

/** Several trials in one phrase: `ws and tcp, chat-1k; ws, echo`, or `9 trials` where they are of many loads. */
export function labelList(labels: readonly TrialLabel[]): string {
  const loads = groupBy(labels, ({ load }) => load);
  if (loads.length > mostLoads) return countOf(labels.length, "trial");
  return loads
    .map(([load, group]) => labelText({ transport: joinWords(group.map(({ transport }) => transport)), load }))
    .join("; ");
}

/** A metric of a trial. */
export interface LabelledMetric {
  metric: string;
  label: TrialLabel;
}

/**
 * Metrics of several trials in one phrase: `p50 ms and p99 ms of ws and tcp, chat-1k`. `allTrials` is the number of
 * trials of the comparison: metrics of its only trial stand alone, metrics of all trials are `of every trial`.
 */
export function metricList(items: readonly LabelledMetric[], allTrials?: number): string {
  const trials = groupBy(items, ({ label }) => labelText(label)).map(([, group]) => ({
    label: group[0]!.label,
    metrics: joinWords(group.map(({ metric }) => metric)),
  }));
  return groupBy(trials, ({ metrics }) => metrics)
    .map(([metrics, group]) => {
      if (allTrials === 1) return metrics;
      const where = group.length === allTrials ? "every trial" : labelList(group.map(({ label }) => label));
      return `${metrics} of ${where}`;
    })
    .join("; ");
}
