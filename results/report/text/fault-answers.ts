import { hasFault } from "../../rows/faults.ts";
import { faultWords } from "../../text/fault-words.ts";
import { countOf, groupBy, joinWords } from "../../text/lists.ts";
import { formatCount, formatNumber } from "../../text/text-table.ts";
import type { HeadlineSentence } from "./headline.ts";
import type { LoadGroup, TransportEntry } from "./load-groups.ts";
import { leadersIn, ranking, type RankedMeasure } from "./ranking.ts";

/** The groups with a fault that have a row that counts. */
export function faultyGroups(all: readonly LoadGroup[]): LoadGroup[] {
  return all.filter(({ load, entries }) => hasFault(load) && metEntries(entries).length > 0);
}

/** The transports of a group that a fault met. The one that missed least comes first, of equal ones the one back first. */
export function metEntries(entries: readonly TransportEntry[]): TransportEntry[] {
  const costOf = ({ summary }: TransportEntry): number[] => [summary.missed ?? 0, summary.back_p50_ms ?? 0];
  return entries
    .filter(({ summary }) => summary.affected !== undefined)
    .toSorted((one, other) => {
      const [[missed, back], [otherMissed, otherBack]] = [costOf(one), costOf(other)];
      return missed! - otherMissed! || back! - otherBack!;
    });
}

/** Time until a client is in its room again, in a ranking. */
const backMeasure: RankedMeasure = {
  column: "back_p50_ms",
  heading: "Back",
  unit: "ms",
  format: secondsText,
  exact: false,
};

/** Milliseconds as seconds: `1.7 s`; with two decimals below a tenth of a second. */
function secondsText(ms: number | undefined): string {
  return ms === undefined ? "-" : `${formatNumber(ms / 1000, Math.abs(ms) < 100 ? 2 : 1)}\u00a0s`;
}

/** The answer in one paragraph: who missed something, who was back first, and who was never back. */
export function faultLead({ load, entries }: Pick<LoadGroup, "load" | "entries">): string {
  const met = metEntries(entries);
  const words = faultWords(load.fault!, load.clients);
  const sentences = [missedSentence(met), backSentence(met), gaveUpSentence(met)];
  const [first, ...others] = sentences.filter((each) => each !== "");
  return [`${capitalised(words)}: ${first}`, ...others].join(" ");
}

const capitalised = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

function missedSentence(met: readonly TransportEntry[]): string {
  const lossless = met.filter(({ counted }) => counted.every(({ missed = 0 }) => missed === 0));
  const losers = met.filter((each) => !lossless.includes(each));
  const shares = groupBy(losers, ({ summary }) => shareText(summary.missed_percent)).map(
    ([share, group], i) => `${joinWords(group.map(({ label }) => label))}${i === 0 ? " missed" : ""} ${share}`,
  );
  const parts = [
    lossless.length > 0 && `${joinWords(lossless.map(({ label }) => label))} missed nothing`,
    losers.length > 0 && `${shares.join(", ")} of what was said meanwhile`,
  ];
  return `${parts.filter((part) => typeof part === "string").join("; ")}.`;
}

function backSentence(met: readonly TransportEntry[]): string {
  const ranks = ranking(met, backMeasure);
  const leaders = leadersIn(ranks, backMeasure);
  const last = ranks.at(-1);
  if (!last || ranks.length < 2) return "";
  const times = joinWords([...new Set(leaders.map(({ value }) => secondsText(value)))]);
  const names = joinWords(leaders.map(({ entry }) => entry.label));
  if (leaders.length === ranks.length) return `All that noticed were back alike, after ${times} (median).`;
  return `First back ${leaders.length === 1 ? "was" : "were"} ${names} after ${times} (median), last ${last.entry.label} after ${secondsText(last.value)}.`;
}

function gaveUpSentence(met: readonly TransportEntry[]): string {
  const gone = met.filter(({ summary }) => (summary.gave_up ?? 0) > 0);
  if (gone.length === 0) return "";
  return `Never back: ${joinWords(gone.map(({ label, summary }) => `${countOf(summary.gave_up, "client")} of ${label}`))}.`;
}

/** One finding for each transport: who noticed, who was back when, and what was missed. */
export function faultFindings(entries: readonly TransportEntry[]): HeadlineSentence[] {
  return metEntries(entries).map((entry) => ({ topic: entry.label, text: findingText(entry) }));
}

function findingText(entry: TransportEntry): string {
  const { summary } = entry;
  const missed = missedClause(entry);
  if (summary.noticed === 0) {
    const live = summary.live_p50_ms;
    const fresh = live === undefined ? "" : ` The first fresh message came ${whenText(live)} (median).`;
    return `No client noticed, and they ${missed}.${fresh}`;
  }
  return `${capitalised(backClause(entry))} and ${missed}.`;
}

function backClause({ summary }: TransportEntry): string {
  const { affected = 0, noticed = 0, gave_up: gaveUp = 0, back_p50_ms: back } = summary;
  const known = noticed < affected ? `${formatCount(noticed)} of ${countOf(affected, "client")} noticed: ` : "";
  if (back === undefined) return `${known}none was back in time`;
  const who = gaveUp > 0 ? `${formatCount(gaveUp)} were never back, the others` : "all";
  return `${known}${who} were back ${whenText(back)} (median)`;
}

/** `after 1.7 s`, counted from the end of the fault. */
function whenText(ms: number): string {
  return ms < 0 ? `${secondsText(-ms)} before the fault ended` : `after ${secondsText(ms)}`;
}

/** `missed 97 % of what was said meanwhile`, over the repeats that count. */
function missedClause({ counted, summary }: TransportEntry): string {
  const lossy = counted.filter(({ missed = 0 }) => missed > 0);
  if (lossy.length === 0) return "missed nothing";
  const share = shareText(summary.missed_percent);
  const deliveries = `${formatCount(summary.missed)} deliveries`;
  if (lossy.length === counted.length) return `missed ${share} of what was said meanwhile (${deliveries})`;
  return `missed something in ${lossy.length} of ${countOf(counted.length, "repeat")} (median ${share}, ${deliveries})`;
}

/** A share that says `less than` where it would be rounded to 0, and `more than` where to 100. */
function shareText(percent: number | undefined): string {
  if (percent === undefined) return "an unknown share";
  if (percent > 99.5 && percent < 100) return "more than 99\u00a0%";
  if (percent > 0 && percent < 0.5) return "less than 1\u00a0%";
  return `${formatNumber(percent, 0)}\u00a0%`;
}
