import { textTable, formatNumber, type TextColumn } from "../../results/text/text-table.ts";
import { summariseTools, type RoundResult, type ToolSummary } from "../generators/results.ts";
import type { ToolGroup } from "../generators/groups.ts";

/** Summaries of one tool, one for each number of connections. Undefined where it was not measured. */
type ToolRow = (ToolSummary | undefined)[];

const formatRatio = (value: number | undefined): string =>
  formatNumber(value, value !== undefined && value >= 100 ? 0 : 2);

const mainColumns: TextColumn<ToolRow>[] = [
  { heading: "tool\n", value: (row) => anySummary(row).tool },
  { heading: "version\n", value: (row) => anySummary(row).version },
  { heading: "round\ntrips/s", number: true, value: ([main]) => formatNumber(main?.roundTripsPerS, 0) },
  { heading: "CPU us\neach", number: true, value: ([main]) => formatNumber(main?.cpuUs, 1) },
  { heading: "ratio\n", number: true, value: ([main]) => formatRatio(main?.ratio?.median) },
  { heading: "from..to\n", value: ([main]) => formatRange(main?.ratio) },
];

function anySummary(row: ToolRow): ToolSummary {
  return row.find((summary) => summary !== undefined)!;
}

function formatRange(ratio: ToolSummary["ratio"]): string {
  return ratio ? `${formatRatio(ratio.least)}..${formatRatio(ratio.most)}` : "-";
}

/**
 * Table of a group's results. The first number of connections has all columns. With two numbers it is at most 80
 * columns wide.
 */
export function generatorTable(
  { title, baselines }: ToolGroup,
  results: readonly RoundResult[],
  connections: readonly number[],
): string {
  const summaries = connections.map((count) =>
    summariseTools(
      results.filter((result) => result.group === title && result.connections === count),
      baselines,
    ),
  );
  const tools = [...new Set(summaries.flat().map(({ tool }) => tool))];
  const rows = tools.map((tool) => summaries.map((each) => each.find((summary) => summary.tool === tool)));
  const furtherColumns = connections.slice(1).flatMap((count, i): TextColumn<ToolRow>[] => [
    { heading: `at ${count}\nCPU us`, number: true, value: (row) => formatNumber(row[i + 1]?.cpuUs, 1) },
    { heading: "ratio\n", number: true, value: (row) => formatRatio(row[i + 1]?.ratio?.median) },
  ]);
  const heading = `${title}, ${formatNumber(connections[0], 0)} connections`;
  return `${heading}\n${textTable([...mainColumns, ...furtherColumns], rows)}`;
}

/** Meaning of the tables' columns. */
export const generatorLegend = [
  "CPU us each: CPU time (user and system) of all processes of the tool, per round",
  "trip that the server counted. Ratio: CPU us divided by the baseline's (1.00) in",
  "the same round; median, smallest and largest. A polling client has two",
  "connections; a send and a poll are two round trips. Our own clients also stamp,",
  "check and record every message.",
].join("\n");
