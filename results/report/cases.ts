import { columnsFor, type Row } from "../columns.ts";
import { number } from "../grid.ts";
import type { Results } from "../read.ts";
import { counts, groupRepeats, summarise, type Summary } from "../summary.ts";
import type { Point } from "../timeline.ts";

/** A result file as it was read, with its points; none where there are none. */
export interface Source extends Results {
  /** What the page calls it; no two are called the same. */
  name: string;
  points: readonly Point[];
}

/** One transport under one load: all its repeats, those that count, and their summary. */
export interface Entry {
  label: string;
  /** Its colour, dash and marker, from 0: the same on the whole page. */
  slot: number;
  rows: readonly Row[];
  counted: readonly Row[];
  summary: Summary;
}

/** Transports that were measured under the same load, in one file and one build. */
export interface Case {
  source: Source;
  /** Tells this case from the others of the page. */
  title: string;
  /** The load in numbers. */
  says: string;
  load: Row;
  entries: readonly Entry[];
}

/** All that a page has to tell apart: each file, each build in it, each load it was measured under. In the order of the files. */
export function casesOf(sources: readonly Source[]): Case[] {
  const slots = new Map<string, number>();
  const all = sources.flatMap((source) => loadsOf(source).map((rows) => caseOf(source, rows, slots)));
  return all.map((each) => ({ ...each, title: titleOf(each, all) }));
}

const loadColumns = columnsFor("match").filter((name) => name !== "transport" && name !== "client");

function loadsOf({ rows }: Source): Row[][] {
  const loads = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.build ?? null, ...loadColumns.map((name) => row[name] ?? null)]);
    loads.set(key, [...(loads.get(key) ?? []), row]);
  }
  return [...loads.values()];
}

function caseOf(source: Source, rows: readonly Row[], slots: Map<string, number>): Case {
  const groups = groupRepeats(rows);
  const summaries = summarise(rows);
  const load = rows[0]!;
  const entries = groups.map((group, i): Entry => {
    const { transport = "unnamed", client } = group[0]!;
    const twice = groups.some((other) => other !== group && other[0]!.transport === group[0]!.transport);
    const label = twice ? `${transport} (${client ?? "unknown client"})` : transport;
    if (!slots.has(label)) slots.set(label, slots.size);
    return { label, slot: slots.get(label)!, rows: group, counted: group.filter(counts), summary: summaries[i]! };
  });
  return { source, title: "", says: describe(load), load, entries };
}

/** Which parts of a title are needed depends on what else is on the page. */
function titleOf({ source, load }: Case, all: readonly Case[]): string {
  const differ = (of: (each: Case) => unknown): boolean => new Set(all.map(of)).size > 1;
  const parts = [
    differ((each) => each.source) && source.name,
    differ((each) => each.load.build) && `build ${load.build ?? "unknown"}`,
    load.scenario ?? "no scenario",
    differ((each) => each.load.clients) && `${number(load.clients, 0)} clients`,
    differ((each) => each.load.offered_per_s) && `${load.offered_per_s?.toLocaleString("en") ?? "-"} messages/s`,
    differ((each) => each.load.payload_bytes) && `${number(load.payload_bytes, 0)} B`,
  ];
  const title = parts.filter((part) => part !== false).join(" · ");
  const others = loadColumns.filter(
    (name) => !["scenario", "clients", "offered_per_s", "payload_bytes"].includes(name),
  );
  const telling = others.filter((name) => differ((each) => each.load[name]));
  return [title, ...telling.map((name) => `${name} ${load[name] ?? "-"}`)].join(" · ");
}

function describe(load: Row): string {
  const { clients, rooms, senders, offered_per_s: rate = 0, payload_bytes: bytes, payload_kind: kind } = load;
  const headers = load.extra_header_bytes
    ? `, ${number(load.extra_header_bytes, 0)} B of headers added to each request`
    : "";
  const said =
    rate > 0
      ? `${counted(senders, "sender")}, together ${rate.toLocaleString("en")} messages/s of ${number(bytes, 0)} B ${kind ?? ""}`
      : "nobody says anything";
  return (
    `${counted(clients, "client")} in ${counted(rooms, "room")}, ${said}${headers}; measured for ` +
    `${load.duration_s ?? "-"} s over ${load.network ?? "an unknown network"}.`
  );
}

/** A number of things: `1 repeat`, `2 repeats`. */
export function counted(many: number | undefined, thing: string): string {
  return `${number(many, 0)} ${thing}${many === 1 ? "" : "s"}`;
}

/** Names as a sentence has them: `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}
