import { formatNumber } from "../../text/text-table.ts";
import { listWords, type TransportEntry } from "./load-groups.ts";
import { medianByteParts, totalBytes } from "./byte-breakdown.ts";
import { relativeTo, leadersIn, rankedMeasures, ranking, tooClose, type RankedMeasure, type Rank } from "./ranking.ts";

/** Who is first in a measure, and what each of the others takes against it; empty where nobody has a value. */
export function rankingSentence(entries: readonly TransportEntry[], measure: RankedMeasure, phrase: string): string {
  const places = ranking(entries, measure);
  const first = leadersIn(places, measure);
  const [best] = first;
  if (!best) return "";
  const missing = entries.filter((entry) => !places.some((place) => place.entry === entry)).map(({ label }) => label);
  const rest = places.filter((place) => !first.includes(place));
  const others = rest.map((place) => `${place.entry.label} ${more(place, best, measure)}`);
  // Where some are not known, the first of the others may not be the first.
  if (missing.length > 0 && places.length === 1)
    return `Known of ${best.entry.label} only: ${phrase} ${measure.format(best.value)} ${measure.unit}.`;
  return [
    `${missing.length > 0 ? "Of those it is known of, " : ""}${opening(first, measure, phrase)}${others.length > 0 ? `; ${others.join(", ")}` : ""}.`,
    ...closeRuns(rest, measure),
    ...(measure === rankedMeasures.p50 && places.length > 1 ? [equalRate] : []),
    ...(missing.length > 0 ? [`Not known of ${listWords(missing)}.`] : []),
  ].join(" ");
}

/** A winner on latency wins at one load only. */
const equalRate =
  "That is at this load: an equal rate is not an equal share of what each can carry, and nearer to its ceiling each is slower.";

function opening(first: readonly Rank[], measure: RankedMeasure, phrase: string): string {
  const [best] = first;
  const value = (place: Rank): string => measure.format(place.value);
  if (first.length === 1) return `${best!.entry.label} is first: ${phrase} ${value(best!)} ${measure.unit}`;
  const names = listWords(first.map(({ entry }) => entry.label));
  if (first.every((place) => place.value === best!.value))
    return `${names} are equal: ${phrase} ${value(best!)} ${measure.unit}`;
  return `${names} are too close to call: ${phrase} ${listWords(first.map(value))} ${measure.unit}`;
}

/** What a transport takes against the first: bytes as a difference, too, since nobody pays for a ratio. */
function more({ value }: Rank, best: Rank, measure: RankedMeasure): string {
  const plus = measure.exact && best.value > 0 ? `, ${measure.format(value - best.value)} more` : "";
  const ratio = relativeTo(value, best.value);
  return `${ratio === "" ? "" : `${ratio} `}(${measure.format(value)}${plus})`;
}

/** Neighbours behind the first that cannot be told apart either. */
function closeRuns(rest: readonly Rank[], measure: RankedMeasure): string[] {
  const pairs = rest.slice(1).flatMap((place, i) => (tooClose(rest[i]!, place, measure) ? [[rest[i]!, place]] : []));
  const named = pairs.map((pair) => pair.map(({ entry }) => entry.label).join(" and "));
  return named.length > 0 ? [`Too close to call as well: ${named.join(", ")}.`] : [];
}

/** The sum on the wire, where the kernel's headers are known of all: they can turn the order around, since a poll brings many messages at once. */
export function wireSentence(entries: readonly TransportEntry[]): string {
  const sums = entries.flatMap(({ label, counted }) => {
    const parts = medianByteParts(counted);
    return parts?.tcpIp === undefined ? [] : [{ label, sum: totalBytes(parts) }];
  });
  if (sums.length < entries.length) return "";
  const each = sums
    .toSorted((one, other) => one.sum - other.sum)
    .map(({ label, sum }) => `${label} ${formatNumber(sum, 0)}`);
  return `With payload, its share of the send, and the headers of TCP and IP, a delivery takes ${each.join(", ")} B on the wire.`;
}

/** What polling trades: latency against bytes and CPU, since an ask that waits longer carries more; empty where nobody polls. */
export function pollingSentence(entries: readonly TransportEntry[]): string {
  const pollers = entries.filter(({ summary }) => (summary.deliveries_per_poll ?? 0) > 0);
  if (pollers.length === 0) return "";
  const each = pollers.map(
    ({ label, summary }) =>
      `${label} brings ${formatNumber(summary.deliveries_per_poll, 1)} deliveries an ask: median ${rankedMeasures.p50.show(summary.latency_p50_us)} ms, ` +
      `${rankedMeasures.bytes.show(summary.overhead_bytes_per_delivery)} B and ${rankedMeasures.cpu.show(summary.server_cpu_us_per_delivery)} us of server CPU per delivery`,
  );
  return `An ask that waits longer brings more: what is saved in bytes and CPU is paid for in latency. At this rate ${each.join("; ")}.`;
}

/** Deliveries of repeats that count and were not as they should be; empty where all were. */
export function lossSentences(entries: readonly TransportEntry[]): string {
  const faults = ["lost", "duplicated", "reordered", "corrupted", "unexpected"] as const;
  const found = entries.flatMap(({ label, counted }) =>
    faults.flatMap((fault) => {
      const sum = counted.reduce((total, row) => total + (row[fault] ?? 0), 0);
      return sum > 0 ? [`${label} ${formatNumber(sum, 0)} ${fault}`] : [];
    }),
  );
  return found.length > 0 ? `Deliveries that went wrong, over all repeats: ${found.join(", ")}.` : "";
}

/** Who was at a limit; empty where nobody was. */
export function limitSentences(entries: readonly TransportEntry[]): string {
  const full = entries.flatMap(({ label, summary: { bottleneck: by } }) =>
    by === undefined || by === "nothing" ? [] : [`${label} by ${by === "server" ? "its server" : `the ${by}`}`],
  );
  return full.length > 0 ? `At a limit, so that its numbers are those of saturation: ${full.join(", ")}.` : "";
}

/** How many repeats there are, and what that is worth. */
export function repeatSentence(entries: readonly TransportEntry[]): string {
  const single = entries.filter(({ counted }) => counted.length === 1).map(({ label }) => label);
  const once =
    single.length === 0
      ? []
      : [
          `${single.length === entries.length ? "Each transport" : listWords(single)} has one repeat, and one repeat is no proof: run again with --repeat 5.`,
        ];
  const covered = entries.flatMap(({ counted, summary: { interval_coverage: share } }) =>
    counted.length < 2 || share === undefined
      ? []
      : [
          `With ${counted.length} repeats, the intervals that decide what is too close cover the true median with ${formatNumber(100 * share, 1)} %.`,
        ],
  );
  return [...once, ...new Set(covered)].join(" ");
}
