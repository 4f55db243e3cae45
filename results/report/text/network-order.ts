import { groupBy, joinWords } from "../../text/lists.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { NetworkPoint, NetworkSeries } from "./network-series.ts";
import { isTie, leadersIn, rankedMeasures, ranking, type Rank, type RankedMeasure } from "./ranking.ts";

/** The latency that a condition changes most: loss shows in the tail, where it was measured. */
export function latencyMeasure({ axis, points }: Pick<NetworkSeries, "axis" | "points">): RankedMeasure {
  const { p50, p99 } = rankedMeasures;
  const hasTail = points.every(({ group }) => ranking(group.entries, p99).length > 0);
  return axis.word === "loss" && hasTail ? p99 : p50;
}

/** `80 ms`, for a point of a series. */
export function pointText({ axis }: Pick<NetworkSeries, "axis">, { x }: Pick<NetworkPoint, "x">): string {
  return `${formatNumber(x, Number.isInteger(x) ? 0 : 1)}\u00a0${axis.unit}`;
}

/** A transport that is behind the first one in every network from this one to the worst. */
interface Behind {
  label: string;
  /** Index of that network. */
  from: number;
  rank: Rank;
}

/**
 * The transports that are first in the worst network, and for each other one from which network on it is behind them.
 * Empty where the worst network has fewer than two transports with a value.
 */
export function orderSentence(series: NetworkSeries, measure: RankedMeasure): string {
  const { points } = series;
  const ranksAt = points.map(({ group }) => ranking(group.entries, measure));
  const leadersAt = ranksAt.map((ranks) => leadersIn(ranks, measure));
  const [worst, leaders] = [ranksAt.at(-1)!, leadersAt.at(-1)!];
  const [best] = leaders;
  if (!best || worst.length < 2) return "";
  const behind = worst
    .filter((rank) => !leaders.includes(rank))
    .map((rank): Behind => ({ label: rank.entry.label, from: behindFrom(rank.entry.label, ranksAt, leadersAt), rank }));
  const where = pointText(series, points.at(-1)!);
  const fromFirst = behind.toSorted((one, other) => one.from - other.from);
  const sentences = groupBy(fromFirst, ({ from }) => String(from)).map(([, group]) => {
    const each = group.map(
      ({ label, rank }) => `${label} (${measure.format(rank.value)} ms at ${where}, ${times(rank, best)} the first)`,
    );
    return `${fromText(series, group[0]!.from)}, ${joinWords(each)} ${group.length === 1 ? "is" : "are"} behind.`;
  });
  const shared = togetherFrom(leaders, ranksAt, measure);
  return [...sentences, `At ${where} ${leadText(leaders, measure)}.`, ...together(series, leaders, shared)].join(" ");
}

function leadText(leaders: readonly Rank[], measure: RankedMeasure): string {
  const names = joinWords(leaders.map(({ entry }) => entry.label));
  const values = joinWords([...new Set(leaders.map(({ value }) => measure.format(value)))]);
  const share = measure === rankedMeasures.p99 ? "99 %" : "half";
  const verb = leaders.length === 1 ? "is first" : "cannot be distinguished";
  return `${names} ${verb}: ${share} of the deliveries arrive within ${values} ms`;
}

const times = ({ value }: Rank, best: Rank): string => `${formatNumber(value / best.value, 1)} times`;

/** Index of the first network from which on a transport has a value and does not lead. */
function behindFrom(label: string, ranksAt: readonly Rank[][], leadersAt: readonly Rank[][]): number {
  const has = (ranks: readonly Rank[]): boolean => ranks.some(({ entry }) => entry.label === label);
  return 1 + ranksAt.findLastIndex((ranks, i) => !has(ranks) || has(leadersAt[i]!));
}

function fromText(series: NetworkSeries, from: number): string {
  const { axis, points } = series;
  if (from === 0) return `At every measured ${axis.title}`;
  const at = pointText(series, points[from]!);
  return axis.largerIsBetter ? `From ${at} down` : `From ${at} of ${axis.title} on`;
}

/** Index of the first network from which on these transports cannot be told from one another. */
function togetherFrom(leaders: readonly Rank[], ranksAt: readonly Rank[][], measure: RankedMeasure): number {
  const labels = leaders.map(({ entry }) => entry.label);
  return (
    1 +
    ranksAt.findLastIndex((ranks) => {
      const own = ranks.filter(({ entry }) => labels.includes(entry.label));
      return own.some((rank) => !isTie(own[0]!, rank, measure, ranks.length));
    })
  );
}

/** Says that a condition hides a difference, where the leaders differ in a better network. */
function together(series: NetworkSeries, leaders: readonly Rank[], from: number): string[] {
  if (leaders.length < 2 || from === 0) return [];
  const before = pointText(series, series.points[from - 1]!);
  return [`At ${before} ${joinWords(leaders.map(({ entry }) => entry.label))} still differ.`];
}
