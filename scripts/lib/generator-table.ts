import { textTable, formatNumber, type TextColumn } from "../../results/text/text-table.ts";
import { summarise, type RoundResult, type ToolSummary } from "../generators/results.ts";
import type { ToolGroup } from "../generators/groups.ts";

/** A peer at each number of connections, undefined where it was not measured. */
type Line = (ToolSummary | undefined)[];

const ratio = (value: number | undefined): string => formatNumber(value, value !== undefined && value >= 100 ? 0 : 2);

const first: TextColumn<Line>[] = [
  { heading: "peer\n", value: (line) => named(line).peer },
  { heading: "version\n", value: (line) => named(line).version },
  { heading: "round\ntrips/s", number: true, value: ([main]) => formatNumber(main?.roundTripsPerS, 0) },
  { heading: "CPU us\neach", number: true, value: ([main]) => formatNumber(main?.cpuUs, 1) },
  { heading: "ratio\n", number: true, value: ([main]) => ratio(main?.ratio?.median) },
  { heading: "from..to\n", value: ([main]) => range(main?.ratio) },
];

function named(line: Line): ToolSummary {
  return line.find((standing) => standing !== undefined)!;
}

function range(of: ToolSummary["ratio"]): string {
  return of ? `${ratio(of.least)}..${ratio(of.most)}` : "-";
}

/** What was measured of a group, as a table of at most 80 columns for two numbers of connections. */
export function generatorTable(
  { title, baselines }: ToolGroup,
  figures: readonly RoundResult[],
  connections: readonly number[],
): string {
  const [main, ...others] = connections.map((count) =>
    summarise(
      figures.filter((figure) => figure.group === title && figure.connections === count),
      baselines,
    ),
  );
  const tools = [...new Set([main!, ...others].flat().map(({ peer: tool }) => tool))];
  const lines = tools.map((tool) => [main!, ...others].map((each) => each.find((standing) => standing.peer === tool)));
  const further = connections.slice(1).flatMap((count, i): TextColumn<Line>[] => [
    { heading: `at ${count}\nCPU us`, number: true, value: (line) => formatNumber(line[i + 1]?.cpuUs, 1) },
    { heading: "ratio\n", number: true, value: (line) => ratio(line[i + 1]?.ratio?.median) },
  ]);
  return `${title}, ${formatNumber(connections[0], 0)} connections\n${textTable([...first, ...further], lines)}`;
}

/** What the tables mean. */
export const generatorLegend = [
  "CPU us each: CPU time of the generator, user and system, of all its processes, per",
  "round trip that the server counted. Ratio: to the baseline (1.00) of the same",
  "round; median, least and most. A polling client has two connections, and a send",
  "and an ask are two round trips. Ours stamp, check and record every message.",
].join("\n");
