import { listWords, type LoadGroup, type TransportEntry } from "./load-groups.ts";
import { leadersIn, rankedMeasures, ranking, type RankedMeasure } from "./ranking.ts";
import {
  limitSentences,
  lossSentences,
  pollingSentence,
  repeatSentence,
  rankingSentence,
  wireSentence,
} from "./sentences.ts";
/** One thing that the numbers say, and what it is about. */
export interface HeadlineSentence {
  topic: string;
  text: string;
}

/** What the numbers of a case say: the lead, then a sentence or two for each thing that a transport costs. */
export interface Headline {
  lead: string;
  sentences: HeadlineSentence[];
}

/** Answers from the summaries of what counts. Doubts about single rows are told by `doubts`. */
export function headline({ entries }: Pick<LoadGroup, "entries">): Headline {
  const counting = entries.filter(({ counted }) => counted.length > 0);
  const [only, another] = counting;
  if (!only) return { lead: "No row here can be believed, so there is no answer: see why below.", sentences: [] };
  const sentences = another ? compared(counting) : alone(only);
  return {
    lead: another ? lead(counting) : `Only ${only.label} was measured: there is nothing to compare it with.`,
    sentences,
  };
}

const subjects = [
  { name: "latency", measure: rankedMeasures.p50 },
  { name: "bytes", measure: rankedMeasures.bytes },
  { name: "server CPU", measure: rankedMeasures.cpu },
  { name: "bytes when idle", measure: rankedMeasures.idle },
];

/** The name under which raw TCP is measured: the yardstick, which no browser speaks. */
const yardstick = "tcp";

function lead(entries: readonly TransportEntry[]): string {
  const others = entries.filter(({ label }) => label !== yardstick);
  const best = firsts(entries);
  if (others.length === entries.length || others.length < 2) return `${best}.`;
  return `${best}. Without raw TCP, which no browser speaks: ${firsts(others)}.`;
}

/** Who is first in what: one name where it is first or level everywhere, else each with what it is first in. */
function firsts(entries: readonly TransportEntry[]): string {
  const ranked = subjects
    .map(({ name, measure }) => ({
      name,
      first: leadersIn(ranking(entries, measure), measure).map(({ entry }) => entry.label),
    }))
    .filter(({ first }) => first.length > 0);
  if (ranked.length === 0) return "nothing was measured that can be ranked";
  const everywhere = ranked[0]!.first.filter((label) => ranked.every(({ first }) => first.includes(label)));
  const names = new Map<string, string[]>();
  for (const { name, first } of ranked) {
    const [only, another] = everywhere;
    const shared = ranked.every((other) => other.first.length === 1)
      ? "is first in"
      : "is first, or level with the first, in";
    const own = first.length === 1 ? "is first in" : "are level in";
    const who =
      only !== undefined && another === undefined ? `${only} ${shared}` : `${listWords(first.toSorted())} ${own}`;
    names.set(who, [...(names.get(who) ?? []), name]);
  }
  return [...names].map(([who, what]) => `${who} ${listWords(what)}`).join("; ");
}

function compared(entries: readonly TransportEntry[]): HeadlineSentence[] {
  const said: HeadlineSentence[] = [
    { topic: "Latency", text: rankingSentence(entries, rankedMeasures.p50, "half of the deliveries arrive within") },
    { topic: "Tail", text: rankingSentence(entries, rankedMeasures.p99, "99 % of the deliveries arrive within") },
    {
      topic: "Bytes",
      text: [
        rankingSentence(entries, rankedMeasures.bytes, "beside the payload a delivery takes"),
        wireSentence(entries),
      ]
        .join(" ")
        .trim(),
    },
    { topic: "Server CPU", text: rankingSentence(entries, rankedMeasures.cpu, "a delivery takes") },
    {
      topic: "Idle",
      text: rankingSentence(entries, rankedMeasures.idle, "a client that says and hears nothing takes"),
    },
    { topic: "Polling", text: pollingSentence(entries) },
    { topic: "Losses", text: lossSentences(entries) },
    { topic: "Limits", text: limitSentences(entries) },
    { topic: "Repeats", text: repeatSentence(entries) },
  ];
  return said.filter(({ text }) => text !== "");
}

function alone(entry: TransportEntry): HeadlineSentence[] {
  const known = Object.values<RankedMeasure>(rankedMeasures).flatMap((measure) =>
    ranking([entry], measure).map(
      ({ value }) => `${measure.heading.toLowerCase()} ${measure.format(value)} ${measure.unit}`,
    ),
  );
  const said: HeadlineSentence[] = [
    { topic: entry.label, text: known.length > 0 ? `${known.join("; ")}.` : "Nothing was measured that costs." },
    { topic: "Polling", text: pollingSentence([entry]) },
    { topic: "Losses", text: lossSentences([entry]) },
    { topic: "Limits", text: limitSentences([entry]) },
    { topic: "Repeats", text: repeatSentence([entry]) },
  ];
  return said.filter(({ text }) => text !== "");
}
