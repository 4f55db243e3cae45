import { columnsFor, type Row } from "../../model/columns.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { ResultFileContent } from "../../files/read.ts";
import { countsInSummary, groupRepeats, summarise, type Summary } from "../../rows/summary.ts";
import type { TimelinePoint } from "../../model/timeline.ts";

/** A result file as it was read, with its points; none where there are none. */
export interface ReportSource extends ResultFileContent {
  /** What the page calls it; no two are called the same. */
  name: string;
  points: readonly TimelinePoint[];
}

/** One transport under one load: all its repeats, those that count, and their summary. */
export interface TransportEntry {
  label: string;
  /** Its colour, dash and marker, from 0: the same on the whole page. */
  slot: number;
  rows: readonly Row[];
  counted: readonly Row[];
  summary: Summary;
}

/** Transports that were measured under the same load, in one file and one build. */
export interface LoadGroup {
  source: ReportSource;
  /** Tells this case from the others of the page. */
  title: string;
  /** The load in numbers. */
  description: string;
  load: Row;
  entries: readonly TransportEntry[];
}

/**
 * All that a page has to tell apart: each file, each build in it, each load it was measured under. In the order of the files; the best
 * transport comes first.
 */
export function buildLoadGroups(sources: readonly ReportSource[]): LoadGroup[] {
  const all = sources.flatMap((source) => loadsOf(source).map((rows) => caseOf(source, rows)));
  // By name and not by the order of a shuffled run, so that a transport looks the same on another page.
  const labels = [...new Set(all.flatMap(({ entries }) => entries.map(({ label }) => label)))].toSorted();
  return all.map((each) => ({
    ...each,
    title: titleOf(each, all),
    entries: each.entries.map((entry) => ({ ...entry, slot: labels.indexOf(entry.label) })).toSorted(bestFirst),
  }));
}

const loadColumns = columnsFor("match").filter((name) => name !== "transport" && name !== "client");

function loadsOf({ rows }: ReportSource): Row[][] {
  const loads = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.build ?? null, ...loadColumns.map((name) => row[name] ?? null)]);
    loads.set(key, [...(loads.get(key) ?? []), row]);
  }
  return [...loads.values()];
}

/** The lowest median latency first; where nobody speaks, the fewest bytes. */
function bestFirst(one: TransportEntry, other: TransportEntry): number {
  const merit = ({ summary }: TransportEntry): number =>
    summary.latency_p50_us ?? summary.idle_bytes_per_client_s ?? Infinity;
  const [its, others] = [merit(one), merit(other)];
  return its === others ? one.slot - other.slot : its - others;
}

function caseOf(source: ReportSource, rows: readonly Row[]): LoadGroup {
  const groups = groupRepeats(rows);
  const summaries = summarise(rows);
  const load = rows[0]!;
  const entries = groups.map((group, i): TransportEntry => {
    const { transport = "unnamed", client } = group[0]!;
    const twice = groups.some((other) => other !== group && other[0]!.transport === group[0]!.transport);
    const label = twice ? `${transport} (${client ?? "unknown client"})` : transport;
    return { label, slot: 0, rows: group, counted: group.filter(countsInSummary), summary: summaries[i]! };
  });
  return { source, title: "", description: describe(load), load, entries };
}

/** The scenario, and what tells the case from the others: the file where there are several, else what differs within the file. */
function titleOf({ source, load }: LoadGroup, all: readonly LoadGroup[]): string {
  const siblings = all.filter((each) => each.source === source);
  const differ = (name: keyof Row): boolean => new Set(siblings.map((each) => each.load[name])).size > 1;
  const told: Partial<Record<keyof Row, string>> = {
    build: `build ${load.build ?? "unknown"}`,
    clients: countNoun(load.clients, "client"),
    offered_per_s: `${load.offered_per_s?.toLocaleString("en") ?? "-"} messages/s`,
    payload_bytes: `${formatNumber(load.payload_bytes, 0)} B`,
  };
  const telling = (["build", ...loadColumns.filter((name) => name !== "scenario")] as const).filter(differ);
  return [
    ...(siblings.length < all.length ? [source.name] : []),
    load.scenario ?? "no scenario",
    ...telling.map((name) => told[name] ?? `${name} ${load[name] ?? "-"}`),
  ].join(" · ");
}

function describe(load: Row): string {
  const { clients, rooms, senders, offered_per_s: rate = 0, payload_bytes: bytes, payload_kind: kind } = load;
  const pattern =
    load.traffic_pattern === undefined || load.traffic_pattern === "plain" ? "" : `${load.traffic_pattern}, `;
  const headers = load.extra_header_bytes
    ? `, ${formatNumber(load.extra_header_bytes, 0)} B of headers added to each request`
    : "";
  const said =
    rate > 0
      ? `${pattern}${senders === 0 ? "" : `${countNoun(senders, "sender")}, `}together ${rate.toLocaleString("en")} messages/s of ${formatNumber(bytes, 0)} B ${kind ?? ""}`
      : "nobody says anything";
  return (
    `${countNoun(clients, "client")} in ${countNoun(rooms, "room")}, ${said}${headers}; measured for ` +
    `${load.duration_s ?? "-"} s over ${load.network ?? "an unknown network"}.`
  );
}

/** A number of things: `1 repeat`, `2 repeats`. */
export function countNoun(many: number | undefined, thing: string): string {
  return `${formatNumber(many, 0)} ${thing}${many === 1 ? "" : "s"}`;
}

/** Names as a sentence has them: `a`, `a and b`, `a, b and c`. */
export function listWords(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}
