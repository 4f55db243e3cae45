import { readEnvironment } from "../../results/model/environment.ts";
import { toolGroups, type ToolGroup, type ComparedTool } from "./groups.ts";
import { toolVersion } from "./tool-version.ts";

/** An installed tool with its version. */
export type AvailableTool = ComparedTool & { foundVersion: string };

/** A group with those of its tools that will be measured. */
export interface AvailableGroup {
  group: ToolGroup;
  tools: readonly AvailableTool[];
}

/** Names that --tools accepts. */
export const toolNames: readonly string[] = [
  ...new Set(toolGroups.flatMap(({ tools }) => tools.map(({ name }) => name))),
];

/**
 * Groups of the chosen tools (default: all tools). Each group has its installed tools and its baseline, also where the
 * baseline was not chosen. With a `ratePerS` other than 0, tools that cannot keep a rate are left out. `print` gets one
 * sentence for each tool that is missing or left out.
 */
export async function findTools(
  chosen: readonly string[] | undefined,
  ratePerS: number,
  print: (sentence: string) => void,
  signal: AbortSignal,
): Promise<AvailableGroup[]> {
  const { libraries } = readEnvironment();
  const printed = new Set<string>();
  const isChosen = ({ name }: ComparedTool): boolean => chosen === undefined || chosen.includes(name);

  function printOnce(sentence: string): void {
    if (printed.has(sentence)) return;
    printed.add(sentence);
    print(sentence);
  }

  async function find(tool: ComparedTool): Promise<AvailableTool[]> {
    const found = await toolVersion(tool, signal);
    signal.throwIfAborted();
    if ("missing" in found) printOnce(`${tool.name} is missing. To install it: ${tool.installCommand}`);
    else if ("problem" in found) printOnce(found.problem);
    else if (ratePerS > 0 && !tool.keepsRate) printOnce(`${tool.name} is left out: it cannot keep a --rate.`);
    else return [{ ...tool, foundVersion: (tool.library && libraries[tool.library]) ?? found.version }];
    return [];
  }

  const groups: AvailableGroup[] = [];
  for (const group of toolGroups) {
    if (!group.tools.some(isChosen)) continue;
    const available: AvailableTool[] = [];
    for (const tool of group.tools)
      if (isChosen(tool) || group.baselines.includes(tool.name)) available.push(...(await find(tool)));
    const baseline = group.baselines.find((name) => available.some((tool) => tool.name === name));
    if (available.some(isChosen))
      groups.push({ group, tools: available.filter((tool) => isChosen(tool) || tool.name === baseline) });
  }
  return groups;
}
