import { groupBy, joinWords } from "../../text/lists.ts";
import type { LoadGroup, TransportEntry } from "./load-groups.ts";
import { leadersIn, rankedMeasures, ranking, type RankedMeasure } from "./ranking.ts";
import {
  limitSentences,
  lossSentences,
  pollingSentence,
  repeatSentence,
  rankingSentence,
  wireSentence,
} from "./sentences.ts";

/** One finding: its topic and its text. */
export interface HeadlineSentence {
  topic: string;
  text: string;
}

/** Findings of one load: the leading sentence, then one finding per topic. */
export interface Headline {
  lead: string;
  sentences: HeadlineSentence[];
}

/** Findings from the summaries of the valid and suspect rows. `validityNotes` names the other rows. */
export function headline({ entries }: Pick<LoadGroup, "entries">): Headline {
  const counting = entries.filter(({ counted }) => counted.length > 0);
  const [only, another] = counting;
  if (!only)
    return { lead: "No row is valid or suspect, so there is no result. The section Validity says why.", sentences: [] };
  if (!another) return { lead: `Only ${only.label} was measured, so there is no comparison.`, sentences: single(only) };
  return { lead: lead(counting), sentences: compared(counting) };
}

const subjects = [
  { name: "latency", measure: rankedMeasures.p50 },
  { name: "header overhead", measure: rankedMeasures.overhead },
  { name: "server CPU", measure: rankedMeasures.cpu },
  { name: "idle traffic", measure: rankedMeasures.idle },
];

/** Name of raw TCP, the lower bound, which browsers cannot use. */
const rawTcp = "tcp";

function lead(entries: readonly TransportEntry[]): string {
  const others = entries.filter(({ label }) => label !== rawTcp);
  const best = leadersText(entries);
  if (best === undefined) return "No measured number can be ranked.";
  if (others.length === entries.length || others.length < 2) return `${best}.`;
  const bestOfOthers = leadersText(others);
  return `${best}.${bestOfOthers === undefined ? "" : ` Without raw TCP, which browsers cannot use: ${bestOfOthers}.`}`;
}

/**
 * The leaders in each subject: one name if a transport leads in all of them, else the leaders of each. Undefined where
 * nothing is ranked.
 */
function leadersText(entries: readonly TransportEntry[]): string | undefined {
  const ranked = subjects
    .map(({ name, measure }) => ({
      name,
      leaders: leadersIn(ranking(entries, measure), measure).map(({ entry }) => entry.label),
    }))
    .filter(({ leaders }) => leaders.length > 0);
  if (ranked.length === 0) return undefined;
  const [overall, another] = ranked[0]!.leaders.filter((label) =>
    ranked.every(({ leaders }) => leaders.includes(label)),
  );
  const alone = ranked.every(({ leaders }) => leaders.length === 1);
  const who = ({ leaders }: (typeof ranked)[number]): string =>
    overall !== undefined && another === undefined
      ? `${overall} ${alone ? "is first in" : "is first or tied for first in"}`
      : `${joinWords(leaders.toSorted())} ${leaders.length === 1 ? "is first in" : "are tied for first in"}`;
  return groupBy(ranked, who)
    .map(([leaders, subjectsLed]) => `${leaders} ${joinWords(subjectsLed.map(({ name }) => name))}`)
    .join("; ");
}

function compared(entries: readonly TransportEntry[]): HeadlineSentence[] {
  const { p50, p99, overhead, cpu, idle } = rankedMeasures;
  const bytes = [rankingSentence(entries, overhead, "the overhead is"), wireSentence(entries)];
  return [
    { topic: "Latency", text: rankingSentence(entries, p50, "half of the deliveries arrive within") },
    { topic: "Tail latency", text: rankingSentence(entries, p99, "99 % of the deliveries arrive within") },
    { topic: "Header overhead", text: bytes.join(" ").trim() },
    { topic: "Server CPU", text: rankingSentence(entries, cpu, "the servers use") },
    { topic: "Idle traffic", text: rankingSentence(entries, idle, "without messages a connection costs") },
    ...remarks(entries),
  ].filter(({ text }) => text !== "");
}

function single(entry: TransportEntry): HeadlineSentence[] {
  const known = Object.values<RankedMeasure>(rankedMeasures).flatMap((measure) =>
    ranking([entry], measure).map(({ value }) => `${measure.heading}: ${measure.format(value)} ${measure.unit}.`),
  );
  return [
    { topic: entry.label, text: known.length > 0 ? known.join(" ") : "No cost was measured." },
    ...remarks([entry]),
  ].filter(({ text }) => text !== "");
}

function remarks(entries: readonly TransportEntry[]): HeadlineSentence[] {
  return [
    { topic: "Polling", text: pollingSentence(entries) },
    { topic: "Message loss", text: lossSentences(entries) },
    { topic: "Saturation", text: limitSentences(entries) },
    { topic: "Repeats", text: repeatSentence(entries) },
  ];
}
