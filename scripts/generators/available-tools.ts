import { readEnvironment } from "../../results/model/environment.ts";
import { toolGroups, type ToolGroup, type ComparedTool } from "./groups.ts";
import { toolVersion } from "./tool-version.ts";

/** A peer that is there, and its version. */
export type AvailableTool = ComparedTool & { found: string };

/** A group as it will be measured. */
export interface AvailableGroup {
  group: ToolGroup;
  tools: readonly AvailableTool[];
}

/** The names that a person can choose from. */
export const toolNames: readonly string[] = [
  ...new Set(toolGroups.flatMap(({ tools }) => tools.map(({ name }) => name))),
];

/**
 * The groups of the chosen peers (all, where none are chosen), each with those that are there and, chosen or not, its baseline. Where
 * `ratePerS` is not 0, those that cannot keep a rate are left out. `tell` gets a sentence for each one that is missing.
 */
export async function findTools(
  chosen: readonly string[] | undefined,
  ratePerS: number,
  tell: (sentence: string) => void,
  signal: AbortSignal,
): Promise<AvailableGroup[]> {
  const { libraries } = readEnvironment();
  const told = new Set<string>();
  const once = (sentence: string): void => void (told.has(sentence) || (told.add(sentence), tell(sentence)));
  const wanted = ({ name }: ComparedTool): boolean => chosen === undefined || chosen.includes(name);

  async function find(tool: ComparedTool): Promise<AvailableTool[]> {
    const version = await toolVersion(tool, signal);
    signal.throwIfAborted();
    if ("missing" in version) once(`${tool.name} is missing. To have it: ${tool.get}`);
    else if ("sentence" in version) once(version.sentence);
    else if (ratePerS > 0 && !tool.keepsRate) once(`${tool.name} is left out: it cannot keep a --rate.`);
    else return [{ ...tool, found: (tool.library && libraries[tool.library]) ?? version.version }];
    return [];
  }

  const lines: AvailableGroup[] = [];
  for (const group of toolGroups) {
    if (!group.tools.some(wanted)) continue;
    const there: AvailableTool[] = [];
    for (const peer of group.tools)
      if (wanted(peer) || group.baselines.includes(peer.name)) there.push(...(await find(peer)));
    const baseline = group.baselines.find((name) => there.some((tool) => tool.name === name));
    if (there.some(wanted))
      lines.push({ group, tools: there.filter((tool) => wanted(tool) || tool.name === baseline) });
  }
  return lines;
}
