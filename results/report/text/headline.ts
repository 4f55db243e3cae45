import { listed, type Case, type Entry } from "./load-groups.ts";
import { leaders, measures, ranking, type Measure } from "./ranking.ts";
import { limits, losses, polling, repeats, told, wire } from "./sentences.ts";
/** One thing that the numbers say, and what it is about. */
export interface Sentence {
  about: string;
  says: string;
}

/** What the numbers of a case say: the lead, then a sentence or two for each thing that a transport costs. */
export interface Answer {
  lead: string;
  sentences: Sentence[];
}

/** Answers from the summaries of what counts. Doubts about single rows are told by `doubts`. */
export function answer({ entries }: Pick<Case, "entries">): Answer {
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
  { name: "latency", measure: measures.p50 },
  { name: "bytes", measure: measures.bytes },
  { name: "server CPU", measure: measures.cpu },
  { name: "bytes when idle", measure: measures.idle },
];

/** The name under which raw TCP is measured: the yardstick, which no browser speaks. */
const yardstick = "tcp";

function lead(entries: readonly Entry[]): string {
  const others = entries.filter(({ label }) => label !== yardstick);
  const best = firsts(entries);
  if (others.length === entries.length || others.length < 2) return `${best}.`;
  return `${best}. Without raw TCP, which no browser speaks: ${firsts(others)}.`;
}

/** Who is first in what: one name where it is first or level everywhere, else each with what it is first in. */
function firsts(entries: readonly Entry[]): string {
  const ranked = subjects
    .map(({ name, measure }) => ({
      name,
      first: leaders(ranking(entries, measure), measure).map(({ entry }) => entry.label),
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
      only !== undefined && another === undefined ? `${only} ${shared}` : `${listed(first.toSorted())} ${own}`;
    names.set(who, [...(names.get(who) ?? []), name]);
  }
  return [...names].map(([who, what]) => `${who} ${listed(what)}`).join("; ");
}

function compared(entries: readonly Entry[]): Sentence[] {
  const said: Sentence[] = [
    { about: "Latency", says: told(entries, measures.p50, "half of the deliveries arrive within") },
    { about: "Tail", says: told(entries, measures.p99, "99 % of the deliveries arrive within") },
    {
      about: "Bytes",
      says: [told(entries, measures.bytes, "beside the payload a delivery takes"), wire(entries)].join(" ").trim(),
    },
    { about: "Server CPU", says: told(entries, measures.cpu, "a delivery takes") },
    { about: "Idle", says: told(entries, measures.idle, "a client that says and hears nothing takes") },
    { about: "Polling", says: polling(entries) },
    { about: "Losses", says: losses(entries) },
    { about: "Limits", says: limits(entries) },
    { about: "Repeats", says: repeats(entries) },
  ];
  return said.filter(({ says }) => says !== "");
}

function alone(entry: Entry): Sentence[] {
  const known = Object.values<Measure>(measures).flatMap((measure) =>
    ranking([entry], measure).map(
      ({ value }) => `${measure.heading.toLowerCase()} ${measure.show(value)} ${measure.unit}`,
    ),
  );
  const said: Sentence[] = [
    { about: entry.label, says: known.length > 0 ? `${known.join("; ")}.` : "Nothing was measured that costs." },
    { about: "Polling", says: polling([entry]) },
    { about: "Losses", says: losses([entry]) },
    { about: "Limits", says: limits([entry]) },
    { about: "Repeats", says: repeats([entry]) },
  ];
  return said.filter(({ says }) => says !== "");
}
