import { countOf, joinWords } from "../../text/lists.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { TransportEntry } from "./load-groups.ts";
import { medianByteParts, totalBytes } from "./byte-breakdown.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking, isTie, type RankedMeasure, type Rank } from "./ranking.ts";

/** The leaders of a measure, and every other transport relative to them; empty where no transport has a value. */
export function rankingSentence(entries: readonly TransportEntry[], measure: RankedMeasure, phrase: string): string {
  const ranks = ranking(entries, measure);
  const leaders = leadersIn(ranks, measure);
  const [best] = leaders;
  if (!best) return "";
  const missing = entries.filter((entry) => !ranks.some((rank) => rank.entry === entry)).map(({ label }) => label);
  const others = ranks.filter((rank) => !leaders.includes(rank));
  // With one known value there is no ranking: a transport without a value could be better.
  if (missing.length > 0 && ranks.length === 1)
    return `Known for ${best.entry.label} only: ${phrase} ${measure.format(best.value)} ${measure.unit}.`;
  const known = missing.length > 0 ? "Among the transports with this number, " : "";
  const differences = others.map((rank) => `; ${rank.entry.label} ${difference(rank, best, measure)}`).join("");
  return [
    `${known}${leadersText(leaders, measure, phrase)}${differences}.`,
    ...tiesBehind(others, measure, ranks.length),
    ...(measure === rankedMeasures.p50 && ranks.length > 1 ? [loadRemark] : []),
    ...(missing.length > 0 ? [`Unknown for ${joinWords(missing)}.`] : []),
  ].join(" ");
}

const loadRemark =
  "This ranking holds at this load: the same rate uses a different share of each transport's capacity, and latency rises near capacity.";

function leadersText(leaders: readonly Rank[], measure: RankedMeasure, phrase: string): string {
  const [best] = leaders;
  const value = (rank: Rank): string => measure.format(rank.value);
  if (leaders.length === 1) return `${best!.entry.label} is first: ${phrase} ${value(best!)} ${measure.unit}`;
  const names = joinWords(leaders.map(({ entry }) => entry.label));
  if (leaders.every((rank) => rank.value === best!.value))
    return `${names} are equal: ${phrase} ${value(best!)} ${measure.unit}`;
  return `${names} cannot be distinguished: ${phrase} ${joinWords(leaders.map(value))} ${measure.unit}`;
}

/** Difference from the first. For bytes also in absolute numbers, because 10 times 2 B is still little. */
function difference({ value }: Rank, best: Rank, measure: RankedMeasure): string {
  const plus = measure.exact && best.value > 0 ? `, ${measure.format(value - best.value)} more` : "";
  const ratio = relativeTo(value, best.value);
  return `${ratio === "" ? "" : `${ratio} `}(${measure.format(value)}${plus})`;
}

/** Neighbours behind the leaders that cannot be distinguished. */
function tiesBehind(others: readonly Rank[], measure: RankedMeasure, count: number): string[] {
  const pairs = others
    .slice(1)
    .flatMap((rank, i) => (isTie(others[i]!, rank, measure, count) ? [[others[i]!, rank]] : []));
  const names = pairs.map((pair) => pair.map(({ entry }) => entry.label).join(" and "));
  return names.length > 0 ? [`${names.join(", ")} cannot be distinguished either.`] : [];
}

/**
 * Total bytes of a delivery on the wire; empty unless the TCP/IP headers of every transport are known. They can reverse
 * the order, since one poll carries many messages.
 */
export function wireSentence(entries: readonly TransportEntry[]): string {
  const totals = entries.flatMap(({ label, counted }) => {
    const parts = medianByteParts(counted);
    return parts?.tcpIp === undefined ? [] : [{ label, total: totalBytes(parts) }];
  });
  if (totals.length < entries.length) return "";
  const each = totals
    .toSorted((one, other) => one.total - other.total)
    .map(({ label, total }) => `${label} ${formatNumber(total, 0)}`);
  return `Total per delivery on the wire, with payload, share of the send and TCP/IP headers: ${each.join(", ")} B.`;
}

/** The trade-off of polling, latency against bytes and CPU; empty where no transport polls. */
export function pollingSentence(entries: readonly TransportEntry[]): string {
  const polling = entries.filter(({ summary }) => (summary.deliveries_per_poll ?? 0) > 0);
  if (polling.length === 0) return "";
  const { p50, overhead, cpu } = rankedMeasures;
  const each = polling.map(
    ({ label, summary }) =>
      `${label} has ${formatNumber(summary.deliveries_per_poll, 1)} deliveries per poll (median latency ${p50.format(summary.latency_p50_us)} ms, ` +
      `${overhead.format(summary.overhead_bytes_per_delivery)} B and ${cpu.format(summary.server_cpu_us_per_delivery)} us of server CPU per delivery)`,
  );
  return (
    "A poll that waits longer carries more deliveries: fewer bytes and less CPU per delivery, but more latency. " +
    `At this rate ${each.join("; ")}.`
  );
}

/**
 * Lost, duplicated, reordered, corrupted and unexpected deliveries of the rows that count; empty where there are none.
 */
export function lossSentences(entries: readonly TransportEntry[]): string {
  const faults = ["lost", "duplicated", "reordered", "corrupted", "unexpected"] as const;
  const found = entries.flatMap(({ label, counted }) =>
    faults.flatMap((fault) => {
      const sum = counted.reduce((total, row) => total + (row[fault] ?? 0), 0);
      return sum > 0 ? [`${label} ${formatNumber(sum, 0)} ${fault}`] : [];
    }),
  );
  return found.length > 0 ? `Faulty deliveries in all repeats together: ${found.join(", ")}.` : "";
}

/** Transports that reached a bottleneck; empty where none did. */
export function limitSentences(entries: readonly TransportEntry[]): string {
  const saturated = entries.flatMap(({ label, summary: { bottleneck } }) =>
    bottleneck === undefined || bottleneck === "nothing" ? [] : [`${label} (${bottleneck})`],
  );
  return saturated.length > 0
    ? `Saturated (with the bottleneck), so the numbers are those of an overloaded system: ${saturated.join(", ")}.`
    : "";
}

/** The number of repeats, and the confidence that it gives. */
export function repeatSentence(entries: readonly TransportEntry[]): string {
  const single = entries.filter(({ counted }) => counted.length === 1).map(({ label }) => label);
  const subject = single.length === entries.length ? "Each transport" : joinWords(single);
  const verb = single.length > 1 && single.length < entries.length ? "have" : "has";
  const once =
    single.length > 0
      ? [`${subject} ${verb} only one repeat. For reliable differences run again with --repeat 5.`]
      : [];
  const coverages = entries.flatMap(({ counted, summary: { interval_coverage: share } }) =>
    counted.length < 2 || share === undefined
      ? []
      : [
          `With ${countOf(counted.length, "repeat")}, the interval of a median contains the true median with a probability of ${formatNumber(100 * share, 1)} %.`,
        ],
  );
  return [...once, ...new Set(coverages)].join(" ");
}
