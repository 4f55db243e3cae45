import { countOf, joinWords } from "../text/lists.ts";
import { buildLoadGroups, type LoadGroup, type ReportSource } from "./text/load-groups.ts";
import { htmlDocument, type PageSection } from "./markup/document.ts";
import { html, type Html, type Part } from "./markup/html.ts";
import { faultyGroups } from "./text/fault-answers.ts";
import { networkedLoads } from "./text/network-series.ts";
import { claimsSection } from "./sections/claims.ts";
import { comparisonSection, type ReportComparison } from "./sections/comparison.ts";
import { cpuMemorySection } from "./sections/cpu-memory.ts";
import { faultsSection } from "./sections/faults.ts";
import { latencySection } from "./sections/latency.ts";
import { networksSection } from "./sections/networks.ts";
import { overheadSection } from "./sections/overhead.ts";
import { overviewSection } from "./sections/overview.ts";
import { rowsSection } from "./sections/rows.ts";
import { settingsSection } from "./sections/settings.ts";
import { seriesFigures, throughputSection } from "./sections/throughput.ts";
import { timelineSection } from "./sections/timeline.ts";
import { validitySection } from "./sections/validity.ts";

/** Loads with figures of their own. A capacity search measures many more, which appear in the curves of its series. */
const maxLoads = 6;

/**
 * The report as one HTML file that loads nothing else. `comparisons` is empty where there is only one file and build.
 * `note` is a sentence at its beginning about where it comes from.
 */
export function reportPage(
  sources: readonly ReportSource[],
  comparisons: readonly ReportComparison[],
  note?: string,
): string {
  const all = buildLoadGroups(sources);
  const groups = largestGroups(all);
  const perGroup = (draw: (group: LoadGroup) => Html | undefined): Html[] =>
    groups.flatMap((group) => {
      const content = draw(group);
      return content ? [html`${groups.length > 1 && html`<h3>${group.title}</h3>`}${content}`] : [];
    });
  const perSource = (draw: (source: ReportSource) => Html): Html[] =>
    sources.map((source) => html`${sources.length > 1 && html`<h3>${source.name}</h3>`}${draw(source)}`);
  const rows = sources.flatMap((source) => source.rows);
  const networked = networkedLoads(all);
  const faulty = faultyGroups(all);
  const sections: PageSection[] = [
    {
      id: "networks",
      title: "Networks",
      content: networked.map(
        (load) => html`${networked.length > 1 && html`<h3>${load.title}</h3>`}${networksSection(load)}`,
      ),
    },
    {
      id: "faults",
      title: "Faults",
      content: faulty.map(
        (group) => html`${faulty.length > 1 && html`<h3>${group.title}</h3>`}${faultsSection(group)}`,
      ),
    },
    { id: "overview", title: "Overview", content: [...perGroup(overviewSection), omittedNote(all, groups)] },
    { id: "comparison", title: "Comparison", content: comparisons.length > 0 && comparisonSection(comparisons) },
    { id: "claims", title: "Claims", content: claimsSection(rows) },
    { id: "latency", title: "Latency", content: perGroup(latencySection) },
    { id: "throughput", title: "Throughput", content: [...seriesFigures(all), ...perGroup(throughputSection)] },
    { id: "overhead", title: "Header overhead", content: perGroup(overheadSection) },
    { id: "cpu-memory", title: "CPU and memory", content: perGroup(cpuMemorySection) },
    { id: "timeline", title: "Timeline", content: perGroup(timelineSection) },
    { id: "validity", title: "Validity", content: validitySection(all) },
    { id: "settings", title: "Settings", content: perSource(settingsSection) },
    { id: "rows", title: "Rows", content: perSource(rowsSection) },
  ];
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario ?? "no scenario"))];
  return htmlDocument({
    title: `Transport comparison: ${joinWords(scenarios)}`,
    note,
    sources: sources.map(describeSource),
    sections: sections.filter(({ content }) => !isEmpty(content)),
    footer:
      "Bytes are counted on the server's sockets. Latency is measured from the time when a message was due. A delivery (dlv) is one message at one receiver. Made by transport-bench.",
    slots: 1 + Math.max(...all.flatMap(({ entries }) => entries.map(({ slot }) => slot))),
  });
}

/** The groups with the most transports, in the order of the files. */
function largestGroups(all: readonly LoadGroup[]): LoadGroup[] {
  const largest = all.toSorted((one, other) => other.entries.length - one.entries.length).slice(0, maxLoads);
  return all.filter((each) => largest.includes(each));
}

function omittedNote(all: readonly LoadGroup[], groups: readonly LoadGroup[]): Part {
  return (
    all.length > groups.length &&
    html`<p class="note">
      ${countOf(all.length, "load")} were measured. This page shows the ${groups.length} loads with the most transports.
      The sections Validity and Rows have all of them, and so have Networks, Faults, and the curves in Throughput where
      only the rate or the number of clients differs.
    </p>`
  );
}

function isEmpty(content: Part): boolean {
  return content === undefined || content === false || (Array.isArray(content) && content.length === 0);
}

function describeSource({ name, rows, record }: ReportSource): string {
  const environment = record?.environment;
  const startedAt = rows[0]!.started_at?.slice(0, 16).replace("T", " ");
  const parts = [
    name,
    countOf(rows.length, "row"),
    startedAt && `measured ${startedAt} UTC`,
    environment && `${environment.cpu}, ${countOf(environment.cores, "core")}, Node ${environment.node}`,
    `build ${[...new Set(rows.map(({ build }) => build ?? "unknown"))].join(" and ")}`,
  ];
  return parts.filter(Boolean).join(" · ");
}
