import { columnsFor, type ColumnName, type Row } from "../../model/columns.ts";
import { countOf, groupBy } from "../../text/lists.ts";
import { formatNumber } from "../../text/text-table.ts";
import type { ResultFileContent } from "../../files/read.ts";
import { countsInSummary, groupRepeats, summarise, type Summary } from "../../rows/summary.ts";
import { hasFault } from "../../rows/faults.ts";
import type { TimelinePoint } from "../../model/timeline.ts";
import { networkTitle } from "./network-conditions.ts";

/** A result file with the points of its timeline; without points if it has no timeline. */
export interface ReportSource extends ResultFileContent {
  /** Name on the page, unique among the sources. */
  name: string;
  points: readonly TimelinePoint[];
}

/** One transport under one load: all its repeats, the valid and suspect ones, and the summary of these. */
export interface TransportEntry {
  label: string;
  /** Index of its colour, dash and marker, from 0; the same on the whole page. */
  slot: number;
  rows: readonly Row[];
  counted: readonly Row[];
  summary: Summary;
}

/** Transports that were measured under the same load, in one file and one build. */
export interface LoadGroup {
  source: ReportSource;
  /** Name that is unique among the groups of the page. */
  title: string;
  /** The load in numbers. */
  description: string;
  load: Row;
  entries: readonly TransportEntry[];
}

/**
 * One group for each file, build and load, in the order of the files. Within a group, the transport with the lowest
 * latency comes first.
 */
export function buildLoadGroups(sources: readonly ReportSource[]): LoadGroup[] {
  const all = sources.flatMap((source) => rowsByLoad(source).map((rows) => groupOf(source, rows)));
  // Slots follow the names, not the shuffled order of a run, so that a transport looks the same on every page.
  const labels = [...new Set(all.flatMap(({ entries }) => entries.map(({ label }) => label)))].toSorted();
  return all.map((each) => ({
    ...each,
    title: loadTitle(each, all),
    entries: each.entries.map((entry) => ({ ...entry, slot: labels.indexOf(entry.label) })).toSorted(bestFirst),
  }));
}

/** Match columns of a transport and not of its load. Some libraries decide themselves how a client comes back. */
const ownColumns = ["client", "reconnect", "heartbeat", "history"] as const satisfies readonly ColumnName[];

/** Match columns in which the transports of one load agree. */
export const loadColumns: readonly ColumnName[] = columnsFor("match").filter(
  (name) => name !== "transport" && !ownColumns.some((own) => own === name),
);

function rowsByLoad({ rows }: ReportSource): Row[][] {
  const keyOf = (row: Row): string =>
    JSON.stringify([row.build ?? null, ...loadColumns.map((name) => row[name] ?? null)]);
  return groupBy(rows, keyOf).map(([, load]) => load);
}

/** By median latency; by idle bytes where no messages are sent. */
function bestFirst(one: TransportEntry, other: TransportEntry): number {
  const cost = ({ summary }: TransportEntry): number =>
    summary.latency_p50_us ?? summary.idle_bytes_per_client_s ?? Infinity;
  const [first, second] = [cost(one), cost(other)];
  return first === second ? one.slot - other.slot : first - second;
}

function groupOf(source: ReportSource, rows: readonly Row[]): LoadGroup {
  const groups = groupRepeats(rows);
  const summaries = summarise(rows);
  const load = rows[0]!;
  const entries = groups.map((group, i): TransportEntry => {
    const label = entryLabel(
      group[0]!,
      groups.map((other) => other[0]!),
    );
    return { label, slot: 0, rows: group, counted: group.filter(countsInSummary), summary: summaries[i]! };
  });
  return { source, title: "", description: describeLoad(load), load, entries };
}

/** The transport, with what distinguishes it from the same transport among these. */
function entryLabel(row: Row, all: readonly Row[]): string {
  const { transport = "unnamed", client, reconnect, heartbeat, history } = row;
  const texts = {
    client: client ?? "unknown client",
    reconnect: `reconnect ${reconnect ?? "-"}`,
    heartbeat: `heartbeat ${heartbeat ?? "-"}`,
    history: history === undefined || history === "none" ? "no history" : `history ${Number.parseInt(history, 10)}`,
  };
  const alike = all.filter((other) => other.transport === row.transport);
  const differing = ownColumns.filter((name) => alike.some((other) => other[name] !== row[name]));
  return differing.length === 0 ? transport : `${transport} (${differing.map((name) => texts[name]).join(", ")})`;
}

/**
 * The scenario, the file where there are several, and the columns in which the groups of a file differ, `without`
 * these.
 */
export function loadTitle(
  { source, load }: LoadGroup,
  all: readonly LoadGroup[],
  without: readonly ColumnName[] = [],
): string {
  const siblings = all.filter((each) => each.source === source);
  const loads = siblings.map((each) => each.load);
  const valuesOf = (name: ColumnName): (string | number | undefined)[] =>
    // The loopback has no means, and names itself.
    loads.map((each) => each[name]).filter((value) => name !== "network_by" || value !== "none");
  const differs = (name: ColumnName): boolean => !without.includes(name) && new Set(valuesOf(name)).size > 1;
  const texts: Partial<Record<keyof Row, string>> = {
    build: `build ${load.build ?? "unknown"}`,
    clients: countOf(load.clients, "client"),
    offered_per_s: `${load.offered_per_s?.toLocaleString("en") ?? "-"} messages/s`,
    payload_bytes: `${formatNumber(load.payload_bytes, 0)} B`,
    network: `over ${networkTitle(load, loads)}`,
    through: load.through === undefined || load.through === "none" ? "no proxy" : `through ${load.through}`,
    fault: load.fault === undefined || load.fault === "none" ? "no fault" : `fault ${load.fault}`,
  };
  const differing = (["build", ...loadColumns.filter((name) => name !== "scenario")] as const).filter(differs);
  return [
    ...(siblings.length < all.length ? [source.name] : []),
    load.scenario ?? "no scenario",
    ...differing.map((name) => texts[name] ?? `${name} ${load[name] ?? "-"}`),
  ].join(" · ");
}

function throughText({ through = "none" }: Row): string {
  return through === "none" ? "" : ` through ${through}`;
}

function describeLoad(load: Row): string {
  const { clients, rooms, senders, offered_per_s: rate = 0, payload_bytes: bytes, payload_kind: kind } = load;
  const pattern =
    load.traffic_pattern === undefined || load.traffic_pattern === "plain" ? "" : `${load.traffic_pattern}, `;
  const headers = load.extra_header_bytes
    ? `, ${formatNumber(load.extra_header_bytes, 0)} B of headers added to each request`
    : "";
  const messages =
    rate > 0
      ? `${pattern}${senders === 0 ? "" : `${countOf(senders, "sender")}, `}${rate.toLocaleString("en")} messages/s in total, ` +
        `${formatNumber(bytes, 0)} B${kind === undefined ? "" : ` ${kind}`} each`
      : "no messages";
  return (
    `${countOf(clients, "client")} in ${countOf(rooms, "room")}, ${messages}${headers}. Measured for ` +
    `${load.duration_s ?? "-"} s over ${load.network ?? "an unknown network"}${throughText(load)}${hasFault(load) ? `, with the fault ${load.fault}` : ""}.`
  );
}
